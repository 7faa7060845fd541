# kill_all <pattern>: until no process of this container has such a command line.
kill_all() {
  while for process in /proc/[0-9]*; do
    { tr '\0' ' ' <"$process/cmdline" | grep -q "$1"; } 2>/dev/null && kill -KILL "${process#/proc/}" && break
  done; do sleep 0.1; done
}
