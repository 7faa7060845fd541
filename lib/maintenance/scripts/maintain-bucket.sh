#!/bin/sh
# Deletes what no image needs, and nothing else, from a bucket of S3. It runs in the container of @where@:
#
#   maintain collect [--dry-run]  deletes the blobs that no manifest names, or lists them
#   maintain status               tells what the last run did
#
# A bucket has no trash: what is gone can come back only where the bucket keeps versions.
# The runner of the registry calls "schedule" and, after a crash, "recover".
set -u
umask 022
export LC_ALL=C

status='@status@'
ipc='@ipc@'
graceMinutes=@graceMinutes@
windowSeconds=@windowSeconds@
drainSeconds=@drainSeconds@
period=@period@
offset=@offset@

home=$status
work=$home/work
busy=$home/busy
gate=$status/window
unforgotten=$status/cache-not-forgotten
forgetter=$(dirname "$0")/forget-cache
conf=$(dirname "$0")/../read-only.yml

@words.sh@

# An hour of the schedule's tries. Then pushes that are under way fail, and succeed when they are repeated.
mostBusyRuns=6

@registries@

@quiet-window.sh@

@report.sh@

# Never --delete-untagged, which breaks indexes. What the registry says of each manifest is not kept.
garbage_collect() {
  {
    timeout "$windowSeconds" registry garbage-collect "$@" "$conf" 2>"$work/errors"
    echo $? >"$work/ended"
  } | awk '/^blob eligible for deletion: / { print $NF }' >"$work/eligible"
  blobs=$(wc -l <"$work/eligible")
  [ "$(cat "$work/ended")" -ne 0 ] || return 0
  # Where nothing was ever pushed there is no such folder.
  ! grep -q 'Path not found: .*/docker/registry/v2/\(repositories\|blobs\)$' "$work/errors" || return 0
  cp "$work/errors" "$work/damaged"
  return 1
}

collect() {
  lock
  rm -rf "$work"
  mkdir -p "$work" || exit 1
  garbage_collect --dry-run || fail failed "the registry cannot tell what is needed; nothing was deleted"
  if [ "${1:-}" = --dry-run ]; then
    sed 's/^/blob /' "$work/eligible"
    echo "would go: $blobs blobs"
    return
  fi
  if [ "$blobs" -eq 0 ]; then
    say "nothing to collect"
    report nothing-to-collect
    return
  fi
  mv "$work/eligible" "$work/before"
  sleep $((graceMinutes * 60))
  enter_quiet_window || fail busy "uploads did not come to an end; the next try is later" 75
  garbage_collect --dry-run || {
    leave_window
    fail failed "the registry cannot tell what is needed; nothing was deleted"
  }
  tries=$(($(cat "$busy" 2>/dev/null || echo 0) + 1))
  # Its layers are there, its manifest is not: they would go.
  if [ $tries -le $mostBusyRuns ] && grep -qvxFf "$work/before" "$work/eligible"; then
    leave_window
    echo $tries >"$busy"
    fail busy "a push is under way (run $tries of $mostBusyRuns in a row); the next try is later" 75
  fi
  rm -f "$busy"
  # Before the first blob goes: after a crash the registry runs without what its cache remembers.
  [ ! -e "$forgetter" ] || doubt_cache || {
    leave_window
    fail failed "nobody can be told that the cache may be wrong; nothing was deleted"
  }
  is_alone && garbage_collect
  swept=$?
  forget_cache "$(date -u +%Y%m%dT%H%M%SZ)-$$"
  leave_window
  [ $swept -eq 0 ] || fail failed "the collection did not come to its end; the next one goes on"
  say "deleted: $blobs blobs; writes waited for $window s"
  report collected
}

show_status() {
  cat "$status/maintenance.json" 2>/dev/null || echo "no run yet"
  [ ! -e "$gate" ] || echo "writes are waiting"
  [ ! -e "$unforgotten" ] || echo "the registry runs without its cache, which did not confirm that it is empty"
}

@schedule.sh@

case ${1:-} in
  schedule | recover | leave) ;;
  *) [ "${MAINTENANCE_SCHEDULED:-}" = yes ] || asked=yes ;;
esac
case ${1:-} in
  collect) collect "${2:-}" ;;
  status) show_status ;;
  recover) recover ;;
  leave) leave ;;
  schedule)
    export MAINTENANCE_SCHEDULED=yes
    schedule
    ;;
  *)
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
    exit 64
    ;;
esac
exit
