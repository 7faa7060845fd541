# --- What is changed is kept -------------------------------------------------------------------
# A file's record in $state: NAME.before (its copy) or NAME.absent, and NAME.installed.
record() {
  printf '%s/%s' "$state" "$(printf '%s' "$1" | tr / %)"
}

same() {
  [ -e "$1" ] && [ -e "$2" ] && [ "$(cksum <"$1")" = "$(cksum <"$2")" ]
}

# Directories that were made are listed, so that --undo can remove them, the last one first.
make_directory() {
  [ ! -d "$1" ] || return 0
  make_directory "$(dirname -- "$1")"
  mkdir -- "$1" 2>/dev/null || fail "cannot create $1. Fix: sudo sh install.sh"
  case "$1" in
    "$state") chmod 700 "$state" ;;
    *) [ ! -d "$state" ] || printf '%s\n' "$1" >>"$state/directories" ;;
  esac
}

# put SOURCE TARGET: written in place, which keeps owner, mode and links of what is there.
put() {
  if same "$1" "$2"; then
    say unchanged "$2"
    return 0
  fi
  if [ $dry_run = yes ]; then
    say "would write" "$2"
    return 0
  fi
  make_directory "$state"
  entry=$(record "$2")
  if [ ! -e "$entry.before" ] && [ ! -e "$entry.absent" ]; then
    if [ -e "$2" ]; then cp -p "$2" "$entry.before"; else : >"$entry.absent"; fi
  fi
  make_directory "$(dirname -- "$2")"
  cp "$1" "$entry.installed"
  { cat "$1" >"$2"; } 2>/dev/null || fail "cannot write $2. Fix: sudo sh install.sh"
  say written "$2"
}
