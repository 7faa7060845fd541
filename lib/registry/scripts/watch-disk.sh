#!/bin/sh
# Looks how much of the disk with the registry's data is free, as long as the registry runs. Below the reserve the proxy
# refuses pushes, by a file that it looks at; below half of it uploads in flight are ended. The registry's runner starts it,
# whose process is the argument.
set -u
export LC_ALL=C

data='@data@'
status='@status@'
ipc='@ipc@'
mostKiB=@mostKiB@
percent=@percent@
runner=$1

low=$status/@low@
full=$status/@full@
repositories=$data/docker/registry/v2/repositories

say() { echo "disk: $1"; }
replace() {
  cat >"$1.new" && mv "$1.new" "$1"
}
in_mib() { echo "$(($1 / 1024)) MiB"; }

# In KiB. What only root may use does not count.
measure() {
  read -r blocks all size <<END
$(stat -f -c '%a %b %S' "$data" 2>/dev/null)
END
  [ -n "$size" ] || return 1
  free=$((blocks * size / 1024))
  total=$((all * size / 1024))
  reserve=$((total * percent / 100))
  [ "$reserve" -le "$mostKiB" ] || reserve=$mostKiB
}

# Processes that have an upload open.
writers() {
  stat -c %N /proc/[0-9]*/fd/* 2>/dev/null | sed -n "s#^.\{0,1\}/proc/\([0-9]*\)/.*$repositories/.*/_uploads/.*#\1#p" | sort -u | tr '\n' ' '
}

# Stopped at once, so that nothing is written while another process of the registry takes over; then they are killed.
end_uploads() {
  writing=$(writers)
  [ -n "$writing" ] || return 0
  # shellcheck disable=SC2086 # several numbers
  kill -STOP $writing 2>/dev/null
  echo "$writing" | replace "$ipc/end"
  kill -USR1 "$runner"
  patience=300
  while [ -e "$ipc/end" ] && [ $patience -gt 0 ]; do
    patience=$((patience - 1))
    sleep 0.1
  done
  # What they have left would keep the room that it took.
  find "$repositories" -path '*/_uploads/*' -prune -exec rm -rf {} + 2>/dev/null
  measure
  say "uploads in flight were ended before the disk was full; $(in_mib "$free") are free now"
}

# What gives room while pushes are refused: uploads that nobody goes on with, and what a collection has moved away.
# Beside the looks, which must not wait for it.
make_room() {
  mkdir "$ipc/making-room" 2>/dev/null || return 0
  find "$repositories" -path '*/_uploads/*/data' -mmin +10 2>/dev/null | while read -r upload; do
    rm -rf "${upload%/data}"
    say "removed an upload that nobody went on with: ${upload#"$repositories/"}"
  done
  maintain=$(dirname "$0")/maintain
  [ ! -x "$maintain" ] || "$maintain" make-room $((reserve + reserve / 10))
  rmdir "$ipc/making-room"
}

notice() {
  echo "pushes are refused: $(in_mib "$free") of the disk are free, the reserve is $(in_mib "$reserve")"
}
gauge() { printf '# HELP registry_disk_%s %s\n# TYPE registry_disk_%s gauge\nregistry_disk_%s %s\n' "$1" "$2" "$1" "$1" "$3"; }
tell() {
  [ ! -e "$low" ] || notice | replace "$low"
  {
    gauge free_bytes "Free room of the disk with the registry's data." $((free * 1024))
    gauge size_bytes "Size of that disk." $((total * 1024))
    gauge reserve_bytes "Below it pushes are refused." $((reserve * 1024))
    gauge pushes_refused "1 while pushes are refused for lack of room." "$([ -e "$low" ] && echo 1 || echo 0)"
  } | replace "$status/@metrics@"
}

judge() {
  if [ "$free" -lt "$reserve" ]; then
    [ -e "$low" ] || {
      notice | replace "$low"
      say "$(notice)"
      quiet=0
      tell
    }
  elif [ -e "$low" ] && [ "$free" -ge $((reserve + reserve / 10)) ]; then
    rm -f "$low"
    say "pushes are taken again: $(in_mib "$free") are free"
    tell
  fi
  if [ "$free" -lt $((reserve / 2)) ]; then
    : >"$full"
    end_uploads
  else
    rm -f "$full"
  fi
}

# Milliseconds until the next look: less than it takes to write what is left at 2 GiB a second.
pause() {
  pause=200
  if [ ! -e "$low" ]; then
    pause=$(((free - reserve) / 2048))
    [ $pause -ge 200 ] || pause=200
    [ $pause -le 3000 ] || pause=3000
  elif [ $quiet -ge 10 ]; then
    # Nobody writes, and nobody can begin to.
    pause=1000
  elif [ -z "$(writers)" ]; then
    quiet=$((quiet + 1))
  fi
  sleep "$((pause / 1000)).$((pause % 1000 / 100))"
  passed=$((passed + pause))
}

quiet=0
passed=0
measure || {
  say "it cannot be told how much room $data has"
  sleep 15
  exec "$0" "$runner"
}
judge
tell
[ ! -e "$low" ] || make_room &
# Then a new process, as a deploy may have brought another script.
while [ $passed -lt 10000 ]; do
  pause
  measure && judge
done
exec "$0" "$runner"
