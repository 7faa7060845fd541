# The container of this task keeps nothing: what matters of a run is among the words too.
keep_results() {
  outcome=$(sed -n 's/.*"outcome":"\([a-z-]*\)".*/\1/p' "$status/maintenance.json" 2>/dev/null)
  results="handled=$(cat "$status/handled"),outcome=${outcome:-none}$(
    awk '!/^#/ { sub(/^registry_maintenance_/, "", $1); printf ",%s=%s", $1, $2 }' "$status/maintenance.prom" 2>/dev/null
  )"
  [ "$results" != "$(cat "$status/kept" 2>/dev/null)" ] || return 0
  word_of runs last || return 0
  former=$word
  put runs last "$results" || return 0
  echo "$results" >"$status/kept"
  [ -z "$former" ] || [ "$former" = "$results" ] || forget_word runs "$former"
}
kept() { tr , '\n' <"$status/kept" | sed -n "s/^$1=\([a-z0-9.-]*\)$/\1/p"; }
recover() {
  until serve_ledger && word_of runs last; do sleep 1; done
  echo "$word" >"$status/kept"
  until word_of marks uncached; do sleep 1; done
  [ -z "$word" ] || : >"$unforgotten"
  [ -n "$(kept handled)" ] || return 0
  kept handled >"$status/handled"
  [ -n "$(kept last_run_timestamp_seconds)" ] || return 0
  kept last_success_timestamp_seconds >"$status/last-success"
  printf '{"outcome":"%s","at":%s,"lastSuccess":%s,"blobs":%s,"bytes":%s,"windowSeconds":%s}\n' "$(kept outcome)" \
    "$(kept last_run_timestamp_seconds)" "$(kept last_success_timestamp_seconds)" "$(kept collected_blobs)" \
    "$(kept collected_bytes)" "$(kept window_seconds)" >"$status/maintenance.json"
  tr , '\n' <"$status/kept" | sed -n 's/^\([a-z_]*\)=\([0-9.]*\)$/registry_maintenance_\1 \2/p' |
    grep -v '_handled ' >"$status/maintenance.prom"
}
