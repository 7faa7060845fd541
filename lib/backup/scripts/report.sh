# The result of a run, for people, programs and Prometheus. What has failed makes the container unhealthy, but for one that is
# new: a deploy does not wait for what is mended by a run.
report() {
  kind=$1
  outcome=$2
  at=$(seconds)
  case $outcome in
    complete | sound | empty) rm -f "$home/failed-$kind" "/tmp/failed-$kind" ;;
    *) echo "$outcome" | tee "$home/failed-$kind" >"/tmp/failed-$kind" ;;
  esac
  case $kind-$outcome in
    backup-complete | backup-damaged | check-sound) echo "$at" >"$home/last-$kind" ;;
  esac
  {
    printf '{"run":"%s","outcome":"%s","at":%s,"lastSuccess":%s,"attempts":%s,"bytesAdded":%s,"damaged":[' \
      "$kind" "$outcome" "$at" "$(last "$kind")" "${attempt:-1}" "${added:-0}"
    [ ! -s "$home/damaged" ] ||
      awk 'NR <= 100 { gsub(/[\\"]/, "\\\\&"); gsub(/[\001-\037]/, " "); printf "%s\"%s\"", (NR > 1 ? "," : ""), $0 }' "$home/damaged"
    printf ']}\n'
  } >"$home/$kind.json.new"
  mv "$home/$kind.json.new" "$home/$kind.json"
  faults=$(cat "$home/failed-backup" "$home/failed-check" 2>/dev/null | wc -l)
  {
    metric last_backup_timestamp_seconds "When the last backup was taken." "$(last backup)"
    metric last_check_timestamp_seconds "When the last check found no fault." "$(last check)"
    metric failed "How many of backup and check failed when they ran last." "$faults"
  } >"$home/backup.prom.new"
  mv "$home/backup.prom.new" "$home/backup.prom"
  [ ! -d '@figures@' ] || { cp "$home/backup.prom" '@figures@/new' && mv '@figures@/new' '@figures@/backup.prom'; }
}
last() { cat "$home/last-$1" 2>/dev/null || echo 0; }
metric() { printf '# HELP registry_backup_%s %s\n# TYPE registry_backup_%s gauge\nregistry_backup_%s %s\n' "$1" "$2" "$1" "$1" "$3"; }

# What the check of the volume has named.
note_damage() { sed -n 's/^maintenance: damaged: /the volume: /p' "$home/found" >>"$home/damaged"; }

fail() {
  say "$3"
  [ ! -s "$home/damaged" ] || while read -r line; do say "$line"; done <"$home/damaged"
  report "$1" "$2"
  exit "${4:-1}"
}

show_status() {
  cat "$home/backup.json" 2>/dev/null || echo "no backup yet"
  cat "$home/check.json" 2>/dev/null || echo "no check yet"
  [ -e /tmp/opened ] || echo "the repository was not opened yet"
  [ ! -e "$running" ] || echo "a run is at work"
}
