# The registries are other tasks, each of which says by itself whether it writes.
me=$(hostname)
@ledger.sh@
besides=$me

# After so long a silence a registry has ended: half of it, and it ends by itself.
trust_seconds=180
# A collection ends when for so long nobody could be told that it goes on.
lease_seconds=15

@lease.sh@
# What each task says before it is asked; fails where there are less than there should be, as the others may not be known.
know_writers() {
  rm -f "$ipc/before-"*
  waiting="the bucket does not answer"
  tags_of writers || return 1
  forget_others writers
  writers=0
  for tag in $listed; do
    word_of writers "$tag" || return 1
    echo "$word" >"$ipc/before-$tag"
    unchanged_for writers "$tag" "$word"
    case $word in
      '' | gone) ;;
      # Killed: nobody has said its last word.
      *) if [ $unchanged -ge $trust_seconds ]; then take_back writers "$tag" gone; else writers=$((writers + 1)); fi ;;
    esac
  done
  waiting="there are $writers of @replicas@ registries"
  [ $writers -ge @replicas@ ]
}
# Whether all registries have said since then that they take no writes, and are as many as there should be.
all_read() {
  waiting="the bucket does not answer"
  readers=0
  others=
  tags_of writers || return 1
  for tag in $listed; do
    word_of writers "$tag" || return 1
    unchanged_for writers "$tag" "$word"
    case $word in '' | gone) continue ;; esac
    [ $unchanged -lt $trust_seconds ] || continue
    if [ "$word" != "$(cat "$ipc/before-$tag" 2>/dev/null)" ] && [ "${word%-*}" = reading ]; then
      readers=$((readers + 1))
    else
      others="$others $tag"
    fi
  done
  waiting="$readers of @replicas@ registries read only${others:+, and$others do not}"
  [ -z "$others" ] && [ $readers -ge @replicas@ ]
}
some_read() {
  tags_of writers || return 0
  for tag in $listed; do
    word_of writers "$tag" || return 0
    unchanged_for writers "$tag" "$word"
    [ "${word%-*}" != reading ] || [ $unchanged -ge $trust_seconds ] || return 0
  done
  return 1
}
# Each registry says so when it is asked, and that it lives: nobody need wait for those that were killed.
uploads_in_flight() {
  [ -n "${roll_call:-}" ] || know_writers || {
    [ "$waiting" = "${said_so:-}" ] || say "$waiting; waiting for the others"
    said_so=$waiting
    return 0
  }
  roll_call=yes
  put gate now "soon-$(beat)" && tags_of writers || return 0
  in_flight=1
  for tag in $listed; do
    word_of writers "$tag" || return 0
    unchanged_for writers "$tag" "$word"
    case $word in '' | gone) continue ;; busy-*) in_flight=0 ;; esac
    if [ $unchanged -ge $trust_seconds ]; then
      take_back writers "$tag" gone
    elif [ "$word" = "$(cat "$ipc/before-$tag" 2>/dev/null)" ]; then
      in_flight=0
    fi
  done
  [ $in_flight -ne 0 ] || {
    [ -n "${said_so:-}" ] || say "waiting for uploads, and for each registry to answer"
    said_so=yes
    return 0
  }
  roll_call=
  return 1
}
enter_window() {
  started=$(hundredths)
  know_writers || {
    say "$waiting"
    take_back gate now open
    return 1
  }
  rm -f "$ipc/lease-lost"
  uptime_seconds >"$ipc/beaten"
  echo yes >"$ipc/leased"
  if go_on; then keep_lease; else : >"$ipc/lease-lost"; fi
  # Who came at the same moment sees this one too.
  if somebody_collects; then
    say "another one collects"
    stop_beating
    take_back collectors "$me" over
    sleep $((0x$(echo "$me" | sha256sum | cut -c 1-2) % 10))
    return 1
  fi
  patience=$drainSeconds
  until all_read && is_alone; do
    patience=$((patience - 1))
    if [ $patience -le 0 ] || ! is_alone; then
      say "$waiting"
      leave_window
      return 1
    fi
    sleep 1
  done
}
is_alone() { [ ! -e "$ipc/lease-lost" ]; }
# First the registries take writes again, then the proxies let them through.
stop_beating() {
  rm -f "$ipc/leased"
  wait
}
leave_window() {
  stop_beating
  until take_back collectors "$me" over; do sleep 1; done
  patience=30
  while some_read && [ $patience -gt 0 ]; do
    patience=$((patience - 1))
    sleep 1
  done
  take_back gate now open
  [ -z "${started:-}" ] || window=$(awk -v from="$started" -v to="$(hundredths)" 'BEGIN { printf "%.2f", (to - from) / 100 }')
  started=
}

# Before anything goes that a cache may know: wherever this is cut short, the registries come back without it.
doubt_cache() {
  : >"$unforgotten"
  put marks uncached yes
}
forget_cache() {
  [ -e "$forgetter" ] || return 0
  if sh "$forgetter" "$1" && take_back marks uncached no; then
    rm -f "$unforgotten"
  else
    say "the cache did not confirm that it is empty; the registries run without it until it does"
  fi
}

lock() {
  mkdir -p "$home" || exit 1
  until mkdir "$ipc/maintaining" 2>/dev/null; do
    holder=$(cat "$ipc/maintaining/pid" 2>/dev/null)
    if [ -z "$holder" ] || kill -0 "$holder" 2>/dev/null; then at_work; fi
    rm -rf "$ipc/maintaining"
  done
  echo $$ >"$ipc/maintaining/pid"
  # shellcheck disable=SC2031 # this one's
  trap 'rm -rf "$ipc/maintaining" "$work" "$answer"' EXIT
  # Of a run that was killed in this container nothing may go on.
  rm -f "$ipc/leased"
  kill_all '^registry garbage-collect '
  until take_back collectors "$me" over; do sleep 1; done
  # Of one that was killed this shows after a while.
  patience=$((@windowTtl@ + 5))
  while somebody_collects; do
    patience=$((patience - 1))
    [ $patience -gt 0 ] || at_work
    sleep 1
  done
  for tag in $listed; do
    [ "$tag" = "$me" ] || take_back collectors "$tag" over
  done
  take_back gate now open
}
at_work() {
  echo "maintenance: another run is at work. Fix: try again when it has ended" >&2
  exit 75
}

# Whoever runs is asked to come to an end: the registries write again then.
leave() {
  patience=200
  while [ -d "$ipc/maintaining" ] && [ $patience -gt 0 ]; do
    kill_all '^registry garbage-collect '
    patience=$((patience - 1))
    sleep 0.1
  done
}

@kept-results.sh@
