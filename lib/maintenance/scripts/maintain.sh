#!/bin/sh
# Deletes what no image needs, and nothing else. It runs in the container of the registry:
#
#   maintain collect [--dry-run]  moves what no image needs into the trash, or lists it
#   maintain check [--full]       names what is damaged or missing; --full hashes every blob
#   maintain quarantine           moves damaged blobs away, so that they can be pushed again
#   maintain undo                 brings back what the last collection moved
#   maintain status               tells what the last run did, and what is in the trash
#
# The runner of the registry calls "schedule" and, after a crash, "recover"; whoever looks at its disk calls "make-room".
set -u
umask 022
export LC_ALL=C

data='@data@'
status='@status@'
ipc='@ipc@'
graceMinutes=@graceMinutes@
undoDays=@undoDays@
windowSeconds=@windowSeconds@
drainSeconds=@drainSeconds@
pauseSeconds=@pauseSeconds@
period=@period@
offset=@offset@
untaggedSeconds=@untaggedSeconds@
retentionRules='@retentionRules@'
immutableTags='@immutableTags@'

root=$data/docker/registry/v2
home='@home@'
work=$home/work
trash=$home/trash
gate=$status/window
unforgotten=$status/cache-not-forgotten
forgetter=$(dirname "$0")/forget-cache

references='
@references.awk@'
links='
@links.awk@'
missing='
@check.awk@'
compare='
@compare.awk@'
retention='
@retention.awk@'
candidates='
@plan.awk@'

@words.sh@

# A command with the lines of a file as its arguments. Without -0 busybox tears words where its buffer ends.
for_all() {
  lines=$1
  shift
  tr '\n' '\0' <"$lines" | xargs -0 "$@"
}

@survey.sh@

@journal.sh@

uploads_in_flight() {
  stat -c %N "/proc/$(cat "$ipc/registry.pid")/fd/"* 2>/dev/null | grep -q '/_uploads/'
}

@window.sh@

@quiet-window.sh@

@report.sh@

@quarantine.sh@
look() { survey && is_sound; }
# Without a window somebody may push or delete meanwhile: what looks damaged is looked at twice.
look_twice() {
  look || {
    sleep "$pauseSeconds"
    look
  }
}

collect() {
  refusal="nothing is collected while files of the storage are damaged, missing or cannot be read"
  lock
  look_twice || fail damaged "$refusal"
  plan || fail failed "it cannot be told what is needed"
  if [ "${1:-}" = --dry-run ]; then
    sed -n 's#^repositories/\(.*\)/_manifests/tags/\(.*\)#tag \1:\2#p
      s#^repositories/\(.*\)/_manifests/revisions/sha256/\(.*\)#manifest \1@sha256:\2#p
      s#^blobs/sha256/../\(.*\)#blob sha256:\1#p' "$work/plan"
    echo "would go: $(figures)"
    return
  fi
  if [ ! -s "$work/plan" ]; then
    say "nothing to collect"
    report nothing-to-collect
    empty_trash
    return
  fi
  enter_quiet_window || fail busy "uploads did not come to an end; the next try is later" 75
  if ! look || ! plan; then
    leave_window
    fail damaged "$refusal"
  fi
  run=$trash/$(date -u +%Y%m%dT%H%M%SZ)-$$
  if ! { mkdir -p "$run" && cp "$work/plan" "$run/plan" && step moving; }; then
    leave_window
    fail failed "the trash cannot be written; nothing was moved"
  fi
  if move_away && remove_empty_repositories && is_still_sound; then
    step moved
    finish
    leave_window
    say "moved into the trash: $(figures); writes waited for $window s"
    report collected
    empty_trash
  else
    # What cannot be brought back now stays in the trash, and is tried again at the next start.
    restore && rm -rf "$run"
    leave_window
    fail restored "a fault came up after the move, or time ran out; what was moved was brought back"
  fi
}
finish() {
  forget_cache "$(basename "$run")"
  step "done"
}

undo() {
  lock
  run=$(find "$trash" -maxdepth 1 -mindepth 1 -type d 2>/dev/null | sort | tail -n 1)
  [ -n "$run" ] || {
    echo "maintenance: the trash is empty" >&2
    exit 1
  }
  blobs=0
  enter_quiet_window || fail busy "uploads did not come to an end; the next try is later" 75
  restore
  restored=$?
  leave_window
  [ $restored -eq 0 ] || fail failed "not everything could be brought back; the rest is still in the trash"
  rm -rf "$run"
  say "brought back what $(basename "$run") had moved"
  report undone
}

flaws="files of the storage are damaged, missing or cannot be read"
check() {
  lock
  look_twice || fail damaged "$flaws"
  [ "${1:-}" != --full ] || hash_blobs || fail damaged "$flaws"
  say "no fault: $(wc -l <"$work/read") manifests, $(wc -l <"$work/links") links, $(wc -l <"$work/blobs") blobs"
}

show_status() {
  cat "$status/maintenance.json" 2>/dev/null || echo "no run yet"
  [ ! -e "$gate" ] || echo "writes are waiting"
  cat "$status/disk-low" 2>/dev/null
  [ ! -e "$unforgotten" ] || echo "the registry runs without its cache, which did not confirm that it is empty"
  for run in "$trash"/*; do
    [ -d "$run" ] || continue
    echo "in the trash: $(basename "$run"), $(wc -l <"$run/plan") folders"
  done
}

@trash.sh@

# Before the registry takes writes again: nothing is left half done.
recover() {
  # The volume came out of a backup: what a cache remembers is of another one.
  if [ -e "$home/restored" ]; then
    : >"$unforgotten"
    forget_cache "restored-$(seconds)"
    rm -f "$home/restored"
  fi
  for run in "$trash"/*; do
    [ -d "$run" ] || continue
    # A mv that has outlived its script.
    while grep -qs "$run" /proc/[0-9]*/cmdline; do sleep 0.1; done
    case $(cat "$run/step" 2>/dev/null) in
      'done') ;;
      moved)
        say "the collection that was cut short is finished"
        finish
        ;;
      *)
        say "the collection that was cut short is taken back"
        if [ -e "$run/plan" ] && ! restore; then
          say "not everything could be brought back; the rest is still in $run"
          continue
        fi
        rm -rf "$run"
        ;;
    esac
  done
}

@schedule.sh@

case ${1:-} in
  schedule | recover | make-room) ;;
  *) [ "${MAINTENANCE_SCHEDULED:-}" = yes ] || asked=yes ;;
esac
case ${1:-} in
  collect) collect "${2:-}" ;;
  check) check "${2:-}" ;;
  quarantine) quarantine ;;
  undo) undo ;;
  status) show_status ;;
  recover) recover ;;
  make-room) make_room "$2" ;;
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
