go_on() { put collectors "$me" "open-$(beat)" && put gate now "closed-$(beat)"; }
# Two processes keep it, neither of which goes on without the other: what deletes ends when they do.
keep_lease() {
  (
    # shellcheck disable=SC2030 # both ask at the same time
    answer=$ipc/answer-lease
    while [ -e "$ipc/leased" ] && kill -0 $$ 2>/dev/null; do
      at=$(uptime_seconds)
      # Too late is lost, also where it can be said again.
      [ $((at - $(cat "$ipc/beaten"))) -lt $lease_seconds ] || break
      ! go_on || echo "$at" >"$ipc/beaten"
      sleep 1
      kill -0 "$(cat "$ipc/watcher.pid")" 2>/dev/null || break
    done
    end_collection
  ) &
  keeper=$!
  (
    while [ -e "$ipc/leased" ] && kill -0 $keeper 2>/dev/null; do
      [ $(($(uptime_seconds) - $(cat "$ipc/beaten"))) -lt $lease_seconds ] || break
      sleep 1
    done
    end_collection
  ) &
  echo $! >"$ipc/watcher.pid"
}
# With the lease still wanted, whatever begins to delete is ended too.
end_collection() {
  kill_all '^registry garbage-collect '
  while [ -e "$ipc/leased" ] && kill -0 $$ 2>/dev/null; do
    : >"$ipc/lease-lost"
    kill_all '^registry garbage-collect '
    sleep 0.1
  done
}
