# The result of a run, for people, programs and Prometheus.
report() {
  outcome=$1
  at=$(seconds)
  failed=1
  case $outcome in
    collected | nothing-to-collect)
      echo "$at" >"$status/last-success"
      failed=0
      ;;
    undone) failed=0 ;;
  esac
  success=$(cat "$status/last-success" 2>/dev/null || echo 0)
  faults=0
  [ ! -s "$work/damaged" ] || faults=$(wc -l <"$work/damaged")
  {
    printf '{"outcome":"%s","at":%s,"lastSuccess":%s,"blobs":%s,"bytes":%s,"layerLinks":%s,"tags":%s,"manifests":%s,' \
      "$outcome" "$at" "$success" "${blobs:-0}" "${bytes:-0}" "${layerLinks:-0}" "${tags:-0}" "${manifests:-0}"
    printf '"windowSeconds":%s,"damaged":[' "${window:-0}"
    [ ! -s "$work/damaged" ] ||
      awk 'NR <= 100 { gsub(/[\\"]/, "\\\\&"); printf "%s\"%s\"", (NR > 1 ? "," : ""), $0 }' "$work/damaged"
    printf ']}\n'
  } >"$status/maintenance.json.new"
  mv "$status/maintenance.json.new" "$status/maintenance.json"
  {
    metric last_run_timestamp_seconds "When maintenance last ran." "$at"
    metric last_success_timestamp_seconds "When maintenance last ran to its end." "$success"
    metric failed "1 when the last run did not come to its end." "$failed"
    metric damaged_files "Files that the last run found damaged or missing." "$faults"
    metric collected_blobs "Blobs that the last run moved into the trash." "${blobs:-0}"
    metric collected_bytes "Their bytes." "${bytes:-0}"
    metric window_seconds "How long the last run kept writes waiting." "${window:-0}"
  } >"$status/maintenance.prom.new"
  mv "$status/maintenance.prom.new" "$status/maintenance.prom"
}
metric() { printf '# HELP registry_maintenance_%s %s\n# TYPE registry_maintenance_%s gauge\nregistry_maintenance_%s %s\n' "$1" "$2" "$1" "$1" "$3"; }

fail() {
  blobs=0
  bytes=0
  layerLinks=0
  tags=0
  manifests=0
  say "$2"
  [ ! -s "$work/damaged" ] || head -n 20 "$work/damaged" | sed 's/^/maintenance: damaged: /'
  report "$1"
  exit "${3:-1}"
}
