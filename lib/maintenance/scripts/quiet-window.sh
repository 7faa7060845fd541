# Uploads are waited for, first with everybody writing on, then for a moment without.
enter_quiet_window() {
  for attempt in 1 2 3 4 5; do
    patience=300
    while uploads_in_flight && [ $patience -gt 0 ]; do
      patience=$((patience - 1))
      sleep 1
    done
    enter_window && return
    say "no quiet moment in attempt $attempt of 5; no upload or pull is ended for it"
    [ "$attempt" -eq 5 ] || sleep 30
  done
  return 1
}
