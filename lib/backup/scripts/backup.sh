#!/bin/sh
# Backs up the images of a registry with restic. It runs in a container of its own:
#
#   backup now             takes a backup
#   backup list            lists the backups that can be restored
#   backup check [--full]  hashes each blob in the registry's volume, and reads a part of the repository, or all of it
#   backup restore [<id>]  fills the empty volume at /restore from a backup, by default the last, and checks it
#   backup status          tells what the last runs did
#
# The first process of the container calls "schedule".
set -u
umask 022
export LC_ALL=C

name='@name@'
data='@data@'
home='@home@'
config='@config@'
restore='@restore@'
owner=@owner@
tree=docker/registry/v2
links=$home/links
running=/tmp/running
cache=--cache-dir=$home/cache

export RESTIC_REPOSITORY='@repository@'
export RESTIC_PASSWORD_FILE="$config/backup-password"
@exports@
say() {
  echo "backup: $1"
  # Whoever asks by "docker exec" is told, and so is the log of the container.
  [ -z "${asked:-}" ] || echo "backup: $1" 2>/dev/null >>/proc/1/fd/1 || :
}
seconds() { date +%s; }
has_images() { [ -d "$data/$tree/blobs" ] && [ -d "$data/$tree/repositories" ]; }
run_restic() { restic "$cache" --retry-lock 1m @options@ "$@"; }
# What restic said last, for the one line that a log has for it.
why() { tail -n 3 "$home/errors" | tr '\n' ' '; }

@stage.sh@

@report.sh@

@restore.sh@

lock() {
  until mkdir "$running" 2>/dev/null; do
    holder=$(cat "$running/pid" 2>/dev/null)
    if [ -z "$holder" ] || kill -0 "$holder" 2>/dev/null; then
      echo "backup: another run is at work. Fix: try again when it has ended" >&2
      exit 75
    fi
    rm -rf "$running"
  done
  echo $$ >"$running/pid"
  trap 'rm -rf "$running"' EXIT
  export TMPDIR="$home/tmp"
  rm -rf "$TMPDIR"
  mkdir -p "$TMPDIR"
}

# A repository that was there and is gone is not made anew: its disk may just not be mounted.
open_repository() {
  if timeout 60 restic "$cache" @options@ cat config >/dev/null 2>"$home/errors"; then
    echo "$RESTIC_REPOSITORY" >"$home/repository"
    return
  fi
  if [ "$(cat "$home/repository" 2>/dev/null)" = "$RESTIC_REPOSITORY" ]; then
    say "the repository cannot be opened: $(why)"
    return 1
  fi
  if timeout 60 restic "$cache" @options@ init >/dev/null 2>"$home/init-errors"; then
    say "made the repository"
    echo "$RESTIC_REPOSITORY" >"$home/repository"
    return
  fi
  say "the repository can be neither opened nor made: $(why)$(tail -n 1 "$home/init-errors")"
  return 1
}

now() {
  lock
  # Those of runs that were killed. Each call of restic costs a second of CPU time, as passwords have to be slow to try.
  stale=$(ids --tag incomplete --host "$name") || open_repository || fail backup unreachable "no backup was taken" 69
  for id in $stale; do insist forget "$id"; done
  if ! has_images; then
    say "there is no image yet"
    report backup empty
    return
  fi
  lacking=
  id=
  for attempt in 1 2 3 4 5; do
    stage || fail backup failed "the links cannot be copied to $links: is the disk full?" 69
    snapshot || fail backup failed "restic failed: $(why)" 69
    list_absent || fail backup failed "restic cannot list what it saved: $(why)" 69
    [ -s "$home/absent" ] || break
    # The same blobs twice: the storage itself lacks them.
    if [ "$attempt" -gt 1 ] && cmp -s "$home/absent" "$home/absent-before"; then
      lacking=yes
      break
    fi
    insist forget "$id"
    id=
    say "$(wc -l <"$home/absent") blobs went away while they were saved: once more"
    mv "$home/absent" "$home/absent-before"
  done
  [ -n "$id" ] || fail backup failed "blobs went away in each of five attempts" 69
  insist tag --set complete "$id" || fail backup failed "restic failed: $(why)" 69
  saved="a backup of $(wc -l <"$home/named") links was taken, $added bytes are new in the repository"
  thin
  : >"$home/damaged"
  if [ -n "$lacking" ] && ! "$config/bin/check-volume" check >"$home/found" 2>&1; then
    note_damage
    fail backup damaged "$saved, but the storage lacks what images need"
  fi
  say "$saved"
  report backup complete
}

thin() {
  insist forget --quiet --prune --tag complete --host "$name" --group-by host @keep@ ||
    say "old backups could not be removed: $(why)"
}

# Snapshots that fit, the last one last.
ids() {
  run_restic snapshots --json "$@" >"$home/snapshots" 2>"$home/errors" || return 1
  tr ',' '\n' <"$home/snapshots" | sed -n 's/.*"short_id":"\([0-9a-f]*\)".*/\1/p'
}
# What nobody else may be at work for; a run that was killed has left its lock.
insist() {
  run_restic "$@" >/dev/null 2>"$home/errors" && return
  run_restic unlock >/dev/null 2>&1
  run_restic "$@" >/dev/null 2>"$home/errors"
}

check() {
  part=--read-data-subset=@checkedPercent@%
  [ "${1:-}" != --full ] || part=--read-data
  lock
  : >"$home/damaged"
  volume=0
  echo "maintenance: there is no image yet" >"$home/found"
  ! has_images || "$config/bin/check-volume" check --full >"$home/found" 2>&1 || volume=1
  note_damage
  sed 's/^maintenance: /backup: the volume: /' "$home/found"
  open_repository || fail check unreachable "the repository was not checked" 69
  run_restic unlock >/dev/null 2>&1
  # With a cache of its own: the other one would hide what has become of the repository.
  if ! run_restic check --quiet "$part" >"$home/found" 2>&1; then
    grep -v '^$' "$home/found" | tail -n 10 | sed 's/^/the repository: /' >>"$home/damaged"
    fail check damaged "the repository is damaged. Fix: restic's documentation, \"Troubleshooting\"; a new repository is the sure way"
  fi
  say "the repository: no fault"
  [ "$volume" -eq 0 ] || fail check damaged "files of the registry's volume are damaged, missing or cannot be read"
  report check sound
}

list() { run_restic snapshots --compact --tag complete; }

# Each round is a new process, as a deploy may have brought another script.
schedule() {
  if [ ! -e /tmp/opened ]; then
    open_repository && : >/tmp/opened
  fi
  for run in "backup @period@ @offset@ now" "check @checkPeriod@ @checkOffset@ check"; do
    # shellcheck disable=SC2086 # four words
    round $run
  done
  sleep 15
}
round() {
  now=$(seconds)
  due=$(((now - $3) / $2 * $2 + $3))
  handled=$(cat "$home/handled-$1" 2>/dev/null)
  if [ -z "$handled" ]; then
    echo "$due" >"$home/handled-$1"
  elif [ "$due" -gt "$handled" ] && [ "$now" -ge "$(cat "/tmp/not-before-$1" 2>/dev/null || echo 0)" ]; then
    "$0" "$4"
    case $? in
      # Busy or out of reach: later again.
      69 | 75) echo $((now + 600)) >"/tmp/not-before-$1" ;;
      *) echo "$due" >"$home/handled-$1" ;;
    esac
  fi
}

case ${1:-} in
  now | check) [ "${BACKUP_SCHEDULED:-}" = yes ] || asked=yes ;;
esac
export MAINTENANCE_SCHEDULED=yes
case ${1:-} in
  now) now ;;
  list) list ;;
  check) check "${2:-}" ;;
  restore) restore "${2:-}" ;;
  status) show_status ;;
  schedule)
    export BACKUP_SCHEDULED=yes
    schedule
    ;;
  *)
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
    exit 64
    ;;
esac
exit
