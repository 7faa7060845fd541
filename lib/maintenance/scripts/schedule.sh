# Started once by the runner. Each round is a new process, as a deploy may have brought another script.
schedule() {
  sleep 15
  [ ! -e "$unforgotten" ] || kill -0 "$(cat "$ipc/maintaining/pid" 2>/dev/null || echo none)" 2>/dev/null || forget_cache "again-$(seconds)"
  now=$(seconds)
  due=$(((now - offset) / period * period + offset))
  handled=$(cat "$status/handled" 2>/dev/null)
  if [ -z "$handled" ]; then
    echo "$due" >"$status/handled"
  elif [ "$due" -gt "$handled" ] && [ "$now" -ge "$(cat "$ipc/not-before" 2>/dev/null || echo 0)" ]; then
    sh "$0" collect
    # Busy: later again.
    if [ $? -eq 75 ]; then
      echo $(($(seconds) + 600)) >"$ipc/not-before"
    else
      echo "$due" >"$status/handled"
    fi
  fi
  keep_results
  exec sh "$0" schedule
}
