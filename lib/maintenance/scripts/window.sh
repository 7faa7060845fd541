# The registry may remember blobs that are gone; until its cache is known to be empty it runs without one.
forget_cache() {
  [ -e "$forgetter" ] || return 0
  : >"$unforgotten"
  if sh "$forgetter" "$1"; then
    rm -f "$unforgotten"
  else
    say "the cache did not confirm that it is empty; the registry runs without it until it does"
  fi
}

# While this is so, nobody writes: nginx holds requests that would, and the registry refuses them.
enter_window() {
  started=$(hundredths)
  # shellcheck disable=SC2034 # a volume's collection looks at it
  deadline=$(($(seconds) + windowSeconds))
  : >"$gate"
  # Those that came through it a moment ago reach the registry.
  sleep "$pauseSeconds"
  : >"$ipc/wish"
  await_config read-only.yml "$drainSeconds" && return
  leave_window
  return 1
}
leave_window() {
  rm -f "$ipc/wish"
  await_config '*' 120 || say "the registry did not come back to its configuration"
  rm -f "$gate"
  [ -z "${started:-}" ] || window=$(awk -v from="$started" -v to="$(hundredths)" 'BEGIN { printf "%.2f", (to - from) / 100 }')
  started=
}
# Whether the registry has come to run with this file, or with any that takes writes.
await_config() {
  kill -USR1 "$(cat "$ipc/runner.pid")" 2>/dev/null
  patience=$(($2 * 10))
  while :; do
    serving=$(cat "$ipc/serving" 2>/dev/null)
    case $serving in
      read-only.yml) [ "$1" != read-only.yml ] || return 0 ;;
      *.yml) [ "$1" = read-only.yml ] || return 0 ;;
    esac
    patience=$((patience - 1))
    [ $patience -gt 0 ] || return 1
    sleep 0.1
  done
}
lock() {
  mkdir -p "$home" || exit 1
  until mkdir "$ipc/maintaining" 2>/dev/null; do
    holder=$(cat "$ipc/maintaining/pid" 2>/dev/null)
    if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
      # What it left half done is for the runner to mend.
      while [ -e "$ipc/wish" ] || [ -e "$gate" ]; do sleep 0.2; done
      rm -rf "$ipc/maintaining"
    else
      echo "maintenance: another run is at work. Fix: try again when it has ended" >&2
      exit 75
    fi
  done
  echo $$ >"$ipc/maintaining/pid"
  trap 'rm -rf "$ipc/maintaining" "$work"' EXIT
}

# The volume keeps what became of a run.
keep_results() { :; }
