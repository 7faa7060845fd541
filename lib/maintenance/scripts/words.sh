say() {
  echo "maintenance: $1"
  # Whoever asks by "docker exec" is told, and so is the log of the container.
  [ -z "${asked:-}" ] || echo "maintenance: $1" 2>/dev/null >>"/proc/$(cat "$ipc/runner.pid")/fd/1" || :
}
seconds() { date +%s; }
hundredths() {
  read -r up _ </proc/uptime
  echo "${up%.*}${up#*.}"
}
