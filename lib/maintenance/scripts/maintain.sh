#!/bin/sh
# Deletes what no image needs, and nothing else. It runs in the container of the registry:
#
#   maintain collect [--dry-run]  moves what no image needs into the trash, or lists it
#   maintain check                names what is damaged or missing
#   maintain undo                 brings back what the last collection moved
#   maintain status               tells what the last run did, and what is in the trash
#
# The runner of the registry calls "schedule" and, after a crash, "recover".
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

root=$data/docker/registry/v2
home=$data/maintenance
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

say() {
  echo "maintenance: $1"
  # Whoever asks by "docker exec" is told, and so is the log of the container.
  [ -z "${asked:-}" ] || echo "maintenance: $1" 2>/dev/null >>"/proc/$(cat "$ipc/runner.pid")/fd/1" || :
}
seconds() { date +%s; }
hundredths() {
  read -r up _ </proc/uptime
  echo "${up%.*}${up#*.}"
}

# A command with the lines of a file as its arguments. Without -0 busybox tears words where its buffer ends.
for_all() {
  lines=$1
  shift
  tr '\n' '\0' <"$lines" | xargs -0 "$@"
}

# Everything about the storage that the rest needs, as lists in $work.
survey() {
  rm -rf "$work"
  mkdir -p "$work" "$root/repositories" "$root/blobs/sha256" || return 1
  cd "$root/repositories" || return 1
  for list in layers aliases revisions tags damaged references read unread; do : >"$work/$list"; done
  young=$(($(seconds) - graceMinutes * 60))
  find . -name _uploads -prune -o -name link -type f -exec stat -c '%Y %n' {} + 2>/dev/null | sed 's# \./# #' >"$work/times"
  cut -d ' ' -f 2- <"$work/times" >"$work/links"
  awk -v young="$young" '$1 > young { print "repositories/" $2 }' "$work/times" >"$work/young"
  # shellcheck disable=SC2094 # all of them read it
  for_all "$work/links" grep -sH '' | sed 's/:/ /' |
    awk -v damaged="$work/damaged" -v unread="$work/unread" -v layers="$work/layers" -v aliases="$work/aliases" \
      -v revisions="$work/revisions" -v tags="$work/tags" "$links" "$work/links" -
  # Others were deleted in this moment.
  while read -r link; do
    [ ! -e "$link" ] || echo "repositories/$link: is empty or cannot be read" >>"$work/damaged"
  done <"$work/unread"
  cd "$root" || return 1
  # After the links: what they name was there before them.
  list_blobs >"$work/blob-times" || return 1
  awk '{ print $1, $2 }' "$work/blob-times" >"$work/blobs"
  awk -v young="$young" '$3 > young { print "blobs/sha256/" substr($1, 1, 2) "/" $1 "/data" }' "$work/blob-times" >>"$work/young"
  cat "$work/revisions" "$work/tags" | awk '{ print $NF }' | sort -u >"$work/next"
  while [ -s "$work/next" ]; do
    read_manifests "$work/next" || return 1
    cat "$work/next" >>"$work/read"
    # Children of an index that the repository does not hold by themselves.
    awk '
      what == "blobs" { blob[$1] = 1 }
      what == "read" { seen[$1] = 1 }
      what == "references" && $2 == "i" { isIndex[$1] = 1 }
      what == "references" && $2 == "r" && $1 in isIndex && $3 in blob && !($3 in seen) { seen[$3] = 1; print $3 }
    ' what=blobs "$work/blobs" what=read "$work/read" what=references "$work/references" "$work/references" >"$work/next"
  done
}
list_blobs() {
  find blobs/sha256 -name data -type f -exec stat -c '%s %Y %n' {} + | awk '{ split($3, path, "/"); print path[4], $1, $2 }'
}
read_manifests() {
  # Larger than the registry takes: no manifest, whatever names it.
  awk 'what == "blobs" { size[$1] = $2 } what == "wanted" && $1 in size && size[$1] > 0 && size[$1] <= 8388608 { print "blobs/sha256/" substr($1, 1, 2) "/" $1 "/data" }' \
    what=blobs "$work/blobs" what=wanted "$1" >"$work/files"
  [ -s "$work/files" ] || return 0
  for_all "$work/files" awk "$references" >>"$work/references" || return 1
  # A manifest that was cut short names less than it should.
  for_all "$work/files" sha256sum |
    awk '{ split($2, path, "/"); if ($1 != path[4]) print $2 ": its content is not what its name says" }' >>"$work/damaged"
}

# Fails when something is damaged, and names it.
is_sound() {
  awk "$missing" what=blobs "$work/blobs" what=layers "$work/layers" what=references "$work/references" \
    what=revisions "$work/revisions" what=tags "$work/tags" >>"$work/damaged" || return 1
  for earlier in "$trash"/*; do
    [ ! -d "$earlier" ] || [ "$(cat "$earlier/step" 2>/dev/null)" = "done" ] ||
      echo "maintenance/trash/${earlier##*/}: was cut short and could not be taken back" >>"$work/damaged"
  done
  [ ! -s "$work/damaged" ]
}

# What can go, in $work/plan; its last line holds the figures.
plan() {
  : >"$work/dropped"
  if [ -n "$retentionRules" ] || [ "$untaggedSeconds" -ge 0 ]; then
    echo "$retentionRules" | sed '/^$/d' >"$work/rules"
    awk -v now="$(seconds)" -v untagged="$untaggedSeconds" "$retention" what=rules "$work/rules" what=times "$work/times" \
      what=references "$work/references" what=revisions "$work/revisions" what=tags "$work/tags" >"$work/dropped" || return 1
  fi
  awk "$candidates" what=young "$work/young" what=dropped "$work/dropped" what=references "$work/references" \
    what=references "$work/references" what=revisions "$work/revisions" what=tags "$work/tags" \
    what=aliases "$work/aliases" what=layers "$work/layers" what=blobs "$work/blobs" >"$work/planned" || return 1
  sed '/^#/d' "$work/planned" | sort >"$work/plan"
  read -r _ blobs bytes layerLinks tags manifests <<END
$(sed -n '/^#/p' "$work/planned")
END
  [ -n "$manifests" ]
}
figures() { echo "$blobs blobs ($bytes bytes), $layerLinks links to layers, $tags tags, $manifests untagged manifests"; }

# A step of a run, written down before it is done; the folder of the run in the trash is the journal.
step() {
  echo "$1" >"$run/step.new"
  mv "$run/step.new" "$run/step"
  # Some have no "sync" for single files.
  sync "$run" "$run/step" "$run/plan" 2>/dev/null || sync
}
# "<folder> <name> <name> …", so that one mv moves many.
grouped() {
  awk -F / '{ name = $NF; folder = substr($0, 1, length($0) - length(name) - 1)
    if (folder != last || ++count > 200) { if (line != "") print line; line = folder; last = folder; count = 1 }
    line = line " " name
  } END { if (line != "") print line }' "$run/plan"
}
move_away() {
  grouped >"$run/groups"
  while read -r folder names; do
    [ "$(seconds)" -lt "$deadline" ] || return 1
    mkdir -p "$run/$folder" || return 1
    # shellcheck disable=SC2086 # names of one folder, without blanks
    (cd "$root/$folder" && exec mv $names "$run/$folder/") || return 1
  done <"$run/groups"
}
# Brings back what a run has moved, but for what is there again.
restore() {
  grouped >"$run/groups"
  while read -r folder names; do
    [ -d "$run/$folder" ] || continue
    back=
    for name in $names; do
      if [ -e "$run/$folder/$name" ] && [ ! -e "$root/$folder/$name" ]; then
        back="$back $name"
      fi
    done
    [ -n "$back" ] || continue
    mkdir -p "$root/$folder" || return 1
    # shellcheck disable=SC2086 # names of one folder, without blanks
    (cd "$run/$folder" && exec mv $back "$root/$folder/") || return 1
  done <"$run/groups"
}
# Repositories that have nothing any more would stay in the catalog.
remove_empty_repositories() {
  cd "$root/repositories" || return 0
  sed -n 's#^repositories/\(.*\)/_\(layers\|manifests\)/.*#\1#p' "$run/plan" | sort -u | while read -r repository; do
    [ -z "$(find "$repository/_layers" "$repository/_manifests" "$repository/_uploads" -type f 2>/dev/null | head -n 1)" ] || continue
    find "$repository/_layers" "$repository/_manifests" "$repository/_uploads" -depth -type d -exec rmdir {} + 2>/dev/null
    while [ "$repository" != . ] && rmdir "$repository" 2>/dev/null; do repository=$(dirname "$repository"); done
  done
  cd "$root" || return 0
}

# After the move: nothing is gone but what was planned, and every manifest that stays has its blobs.
is_still_sound() {
  cd "$root" || return 1
  list_blobs >"$work/blobs-now"
  find repositories -name _uploads -prune -o -name link -type f -print >"$work/links-now"
  : >"$work/damaged"
  awk "$compare" what=plan "$run/plan" what=blobs "$work/blobs" what=links "$work/links" \
    what=blobs-now "$work/blobs-now" what=links-now "$work/links-now" >>"$work/damaged" || return 1
  for list in revisions tags; do
    awk -v list="$list" 'what == "plan" { gone[$1] = 1 }
      what == "list" && !(("repositories/" $1 "/_manifests/" (list == "tags" ? "tags/" : "revisions/sha256/") $2) in gone)' \
      what=plan "$run/plan" what=list "$work/$list" >"$work/$list-now"
  done
  # By the links of before: those of a blob that should have stayed may be gone too.
  awk "$missing" what=blobs "$work/blobs-now" what=layers "$work/layers" what=references "$work/references" \
    what=revisions "$work/revisions-now" what=tags "$work/tags-now" >>"$work/damaged" || return 1
  [ ! -s "$work/damaged" ]
}

# The registry may remember blobs that are gone; until its cache is known to be empty it runs without one.
forget_cache() {
  [ -x "$forgetter" ] || return 0
  : >"$unforgotten"
  if "$forgetter" "$1"; then
    rm -f "$unforgotten"
  else
    say "the cache did not confirm that it is empty; the registry runs without it until it does"
  fi
}

# While this is so, nobody writes: nginx holds requests that would, and the registry refuses them.
enter_window() {
  started=$(hundredths)
  deadline=$(($(seconds) + windowSeconds))
  : >"$gate"
  # Those that came through it a moment ago reach the registry.
  sleep "$pauseSeconds"
  : >"$ipc/wish"
  await_config read-only.yml "$drainSeconds" && return
  leave_window
  return 1
}
leave_window() {
  rm -f "$ipc/wish"
  await_config '*' 120 || say "the registry did not come back to its configuration"
  rm -f "$gate"
  [ -z "${started:-}" ] || window=$(awk -v from="$started" -v to="$(hundredths)" 'BEGIN { printf "%.2f", (to - from) / 100 }')
  started=
}
# Whether the registry has come to run with this file, or with any that takes writes.
await_config() {
  kill -USR1 "$(cat "$ipc/runner.pid")" 2>/dev/null
  patience=$(($2 * 10))
  while :; do
    serving=$(cat "$ipc/serving" 2>/dev/null)
    case $serving in
      read-only.yml) [ "$1" != read-only.yml ] || return 0 ;;
      *.yml) [ "$1" = read-only.yml ] || return 0 ;;
    esac
    patience=$((patience - 1))
    [ $patience -gt 0 ] || return 1
    sleep 0.1
  done
}
uploads_in_flight() {
  stat -c %N "/proc/$(cat "$ipc/registry.pid")/fd/"* 2>/dev/null | grep -q '/_uploads/'
}
# Uploads are waited for, first with everybody writing on, then for a moment without.
enter_quiet_window() {
  for attempt in 1 2 3 4 5; do
    patience=300
    while uploads_in_flight && [ $patience -gt 0 ]; do
      patience=$((patience - 1))
      sleep 1
    done
    enter_window && return
    say "uploads or pulls go on through attempt $attempt of 5; none is ended for this"
    [ "$attempt" -eq 5 ] || sleep 30
  done
  return 1
}

lock() {
  mkdir -p "$home" || exit 1
  until mkdir "$ipc/maintaining" 2>/dev/null; do
    holder=$(cat "$ipc/maintaining/pid" 2>/dev/null)
    if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
      # What it left half done is for the runner to mend.
      while [ -e "$ipc/wish" ] || [ -e "$gate" ]; do sleep 0.2; done
      rm -rf "$ipc/maintaining"
    else
      echo "maintenance: another run is at work. Fix: try again when it has ended" >&2
      exit 75
    fi
  done
  echo $$ >"$ipc/maintaining/pid"
  trap 'rm -rf "$ipc/maintaining" "$work"' EXIT
}

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

check() {
  lock
  look_twice || fail damaged "files of the storage are damaged, missing or cannot be read"
  say "no fault: $(wc -l <"$work/read") manifests, $(wc -l <"$work/links") links, $(wc -l <"$work/blobs") blobs"
}

show_status() {
  cat "$status/maintenance.json" 2>/dev/null || echo "no run yet"
  [ ! -e "$gate" ] || echo "writes are waiting"
  [ ! -e "$unforgotten" ] || echo "the registry runs without its cache, which did not confirm that it is empty"
  for run in "$trash"/*; do
    [ -d "$run" ] || continue
    echo "in the trash: $(basename "$run"), $(wc -l <"$run/plan") folders"
  done
}

empty_trash() {
  find "$trash" -maxdepth 1 -mindepth 1 -type d -mmin "+$((undoDays * 1440))" 2>/dev/null | while read -r old; do
    say "emptied from the trash: $(basename "$old")"
    rm -rf "$old"
  done
}

# Before the registry takes writes again: nothing is left half done.
recover() {
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

# Started once by the runner. Each round is a new process, as a deploy may have brought another script.
schedule() {
  sleep 15
  [ ! -e "$unforgotten" ] || [ -d "$ipc/maintaining" ] || forget_cache "again-$(seconds)"
  now=$(seconds)
  due=$(((now - offset) / period * period + offset))
  handled=$(cat "$status/handled" 2>/dev/null)
  if [ -z "$handled" ]; then
    echo "$due" >"$status/handled"
  elif [ "$due" -gt "$handled" ] && [ "$now" -ge "$(cat "$ipc/not-before" 2>/dev/null || echo 0)" ]; then
    "$0" collect
    # Busy: later again.
    if [ $? -eq 75 ]; then
      echo $((now + 600)) >"$ipc/not-before"
    else
      echo "$due" >"$status/handled"
    fi
  fi
  exec "$0" schedule
}

case ${1:-} in
  schedule | recover) ;;
  *) [ "${MAINTENANCE_SCHEDULED:-}" = yes ] || asked=yes ;;
esac
case ${1:-} in
  collect) collect "${2:-}" ;;
  check) check ;;
  undo) undo ;;
  status) show_status ;;
  recover) recover ;;
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
