# --- Undo --------------------------------------------------------------------------------------
# Prints FILE without our part; fails where the whole file was ours.
without_our_part() {
  case "$1" in
    "$daemon_json") edit_daemon remove ;;
    /etc/hosts) other_hosts ;;
    *) return 1 ;;
  esac
}

# What nobody has touched since comes back byte for byte.
undo_file() {
  entry=$(record "$1")
  if [ $dry_run = yes ]; then
    say "would restore" "$1"
    return 0
  fi
  rest=$(mktemp)
  if [ ! -e "$1" ]; then
    say gone "$1"
  elif same "$1" "$entry.installed"; then
    if [ -e "$entry.before" ]; then cat "$entry.before" >"$1"; else rm -f -- "$1"; fi
    say restored "$1"
  elif without_our_part "$1" >"$rest" 2>/dev/null; then
    cat "$rest" >"$1"
    say "taken out of" "$1"
  else
    say "left alone" "$1: it was changed since. What was there before, if anything: $entry.before"
    rm -f -- "$rest"
    failed=yes
    return 0
  fi
  rm -f -- "$rest" "$entry.before" "$entry.absent" "$entry.installed"
}

undo() {
  if [ ! -d "$state" ]; then
    say "nothing kept" "for $registry"
    return 0
  fi
  system=no
  for installed in "$state"/*.installed; do
    [ -e "$installed" ] || continue
    target=$(basename -- "$installed" .installed | tr % /)
    undo_file "$target"
    case "$target" in "$certs_d"/*) ;; *.crt) system=yes ;; esac
  done
  distrust_on_macos
  [ $dry_run = no ] || return 0
  if [ $system = yes ]; then
    find_trust_store
    $refresh_after_removal >/dev/null 2>&1 || fail "$refresh_after_removal failed: run it by hand to see why"
  fi
  if [ -e "$state/directories" ]; then
    awk '{ line[NR] = $0 } END { while (NR > 0) print line[NR--] }' "$state/directories" |
      while read -r directory; do rmdir -- "$directory" 2>/dev/null || :; done
  fi
  [ $failed = no ] || return 0
  rm -rf -- "$state"
  rmdir -- "$(dirname -- "$state")" 2>/dev/null || :
}
