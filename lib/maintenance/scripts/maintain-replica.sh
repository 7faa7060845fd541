#!/bin/sh
# Lets this replica of the registry write only while no task of the Swarm collects garbage in their bucket. The runner of the
# registry calls "recover" before it starts one, "schedule" after that, and "leave" when it has ended; people have no need to.
# A collection is started at the task of the service "@collector@": maintain collect
set -u
umask 022
export LC_ALL=C

status='@status@'
ipc='@ipc@'
me=$(hostname)

@ledger.sh@

@words.sh@

# Of a registry that cannot say so any more nobody knows whether it writes. Before others take it for gone, it is.
trust_seconds=90
beat_seconds=20

uploads_in_flight() { sh "$(dirname "$0")/in-flight" 'blob_upload|blob_upload_chunk'; }

tell() {
  at=$(uptime_seconds)
  put writers "$me" "$1-$(beat)" || return 1
  said=$1
  told=$at
}
# Says that it writes, and only then looks whether it may: who collects says so, and only then looks who writes.
may_write() {
  tell writing && ! somebody_collects || return 1
  word_of marks uncached || word=unknown
  case $word in
    '' | no) rm -f "$status/cache-not-forgotten" ;;
    *) : >"$status/cache-not-forgotten" ;;
  esac
}
# take_turn <command>: at most a quarter of the replicas at one time are between two processes. Fails when the command does
# meanwhile.
take_turn() {
  turn=0
  if tags_of writers; then
    for tag in $listed; do
      [ "$tag" != "$me" ] || break
      turn=$((turn + 1))
    done
  fi
  turn=$((turn % 4 * 3))
  while "$@" && [ $turn -gt 0 ]; do
    turn=$((turn - 1))
    sleep 1
  done
  [ $turn -eq 0 ]
}
nobody_collects() { ! somebody_collects; }
serves() {
  serving=$(cat "$ipc/serving" 2>/dev/null)
  case $serving in
    read-only.yml) [ "$1" = reader ] ;;
    *.yml) [ "$1" = writer ] ;;
    *) false ;;
  esac
}
wake_runner() { kill -USR1 "$(cat "$ipc/runner.pid")"; }

recover() {
  serve_ledger
  # The first process, which ends with this script: nobody else has to be there.
  mkdir -p "$ipc/maintaining"
  echo 1 >"$ipc/maintaining/pid"
  until tell reading; do
    sleep 1
    serve_ledger
  done
  may_write && return
  : >"$ipc/wish"
  until tell reading; do sleep 1; done
}
become_reader() {
  # Until each proxy holds what would write.
  sleep 3
  ! take_turn somebody_collects || : >"$ipc/wish"
}
# The runner waits for a moment at which nothing is on its way.
stay_reader() {
  tries=0
  until serves reader || [ $tries -eq 10 ]; do
    tries=$((tries + 1))
    wake_runner
    sleep 0.1
  done
  [ "$said" = reading ] || ! serves reader || ! tell reading || say "reads only, while garbage is collected"
}
become_writer() {
  take_turn nobody_collects && may_write || return
  rm -f "$ipc/wish"
  until serves writer; do
    wake_runner
    keep_told writing
    sleep 0.1
  done
  say "takes writes again"
}
# keep_told <state>: says it again in time; a registry that cannot ends, and comes back when it can.
keep_told() {
  [ $(($(uptime_seconds) - told)) -lt $trust_seconds ] || {
    say "the bucket has taken nothing for long: this registry ends, as others cannot see it any more"
    kill_all '^registry serve .*/config/'
    exit 1
  }
  [ $(($(uptime_seconds) - told)) -lt $beat_seconds ] || tell "$1"
}

schedule() {
  told=$(($(uptime_seconds) - beat_seconds))
  if [ -e "$ipc/wish" ]; then said=reading; else said=writing; fi
  while :; do
    sleep 1
    serve_ledger
    keep_told "$said"
    if [ -e "$ipc/wish" ]; then
      if somebody_collects; then stay_reader; else become_writer; fi
      continue
    fi
    word_of gate now || continue
    case $word in
      # Who wants to collect asks again and again who is there, and waits until no upload is on its way.
      soon-*)
        state=writing
        ! uploads_in_flight || state=busy
        [ "$word" = "${heard:-}" ] || tell "$state"
        heard=$word
        ;;
      closed-*) ! somebody_collects || become_reader ;;
      *) [ "$said" = writing ] || tell writing ;;
    esac
  done
}

case ${1:-} in
  recover) recover ;;
  schedule) schedule ;;
  leave) take_back writers "$me" gone ;;
  *)
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0" | sed '$d'
    exit 64
    ;;
esac
