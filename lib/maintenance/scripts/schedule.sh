# Started once by the runner. Each round is a new process, as a deploy may have brought another script.
schedule() {
  sleep 15
  [ ! -e "$unforgotten" ] || [ -d "$ipc/maintaining" ] || forget_cache "again-$(seconds)"
  now=$(seconds)
  due=$(((now - offset) / period * period + offset))
  handled=$(cat "$status/handled" 2>/dev/null)
  if [ -z "$handled" ]; then
    echo "$due" >"$status/handled"
  elif [ "$due" -gt "$handled" ] && [ "$now" -ge "$(cat "$ipc/not-before" 2>/dev/null || echo 0)" ]; then
    "$0" collect
    # Busy: later again.
    if [ $? -eq 75 ]; then
      echo $((now + 600)) >"$ipc/not-before"
    else
      echo "$due" >"$status/handled"
    fi
  fi
  exec "$0" schedule
}
