#!/bin/sh
# Counts what the repositories of each quota hold, when it has been a while or somebody wants to know it now. The longer it
# takes, the longer is the pause after it.
set -u
export LC_ALL=C

registry='@data@/docker/registry/v2'
folder='@folder@'

# Here patterns are expressions; a limit that there is none of is 0.
quotas='@quotas@'
export quotas

# In hundredths of a second: most counts take less than one.
now() {
  read -r uptime _ </proc/uptime
  echo "${uptime%.*}${uptime#*.}"
}

began=$(now)
read -r wanted_from due_from 2>/dev/null <"$folder/next" || due_from=0
if [ -e "$folder/wanted" ]; then
  [ "$began" -ge "${wanted_from:-0}" ] || exit 0
elif [ "$began" -lt "$due_from" ]; then
  exit 0
fi

# Before it looks: whatever ended before this number was written is in what it finds.
number=$(($(cat "$folder/started" 2>/dev/null || echo 0) + 1))
rm -f "$folder/wanted"
echo $number >"$folder/started.new"
mv "$folder/started.new" "$folder/started"

# For each quota its blobs, each once, and how many tags it has.
list() {
  cd "$registry/repositories" 2>/dev/null &&
    find @roots@ -name _uploads -prune -o -path '*/_manifests/tags/*/index' -prune -o -name link -print 2>/dev/null
}
list | awk '
  BEGIN {
    count = split(ENVIRON["quotas"], line, "\n")
    for (i = 1; i <= count; i++) { split(line[i], field, " "); pattern[i] = "^" field[2] "$" }
  }
  match($0, "/_(layers|manifests)/") {
    repository = substr($0, 1, RSTART - 1)
    sub(/^[.]\//, "", repository)
    if (repository != last) {
      last = repository
      for (i = 1; i <= count; i++) covers[i] = repository ~ pattern[i]
    }
    isTag = substr($0, RSTART, 17) == "/_manifests/tags/"
    parts = split($0, part, "/")
    blob = part[parts - 2] "/" substr(part[parts - 1], 1, 2) "/" part[parts - 1] "/data"
    for (i = 1; i <= count; i++) {
      if (!covers[i]) continue
      if (isTag) tags[i]++
      else if (!((i, blob) in seen)) { seen[i, blob]; print "blob", i, blob }
    }
  }
  END { for (i = 1; i <= count; i++) print "tags", i, tags[i] + 0 }
' >"$folder/links"
sed -n 's/^blob [0-9]* //p' "$folder/links" | sort -u |
  { cd "$registry/blobs" 2>/dev/null && xargs stat -c '%s %n' 2>/dev/null; } >"$folder/sizes"

awk -v number=$number -v folder="$folder" '
  BEGIN {
    count = split(ENVIRON["quotas"], line, "\n")
    while ((getline size <(folder "/sizes")) > 0) { split(size, field, " "); bytes[field[2]] = field[1] }
  }
  $1 == "blob" { used[$2] += bytes[$3] }
  $1 == "tags" { tags[$2] = $3 }
  END {
    printf "" >(folder "/above")
    printf "" >(folder "/words")
    for (i = 1; i <= count; i++) {
      split(line[i], field, " ")
      all = all sprintf("%s\"%s\":{\"bytes\":%.0f,\"tags\":%d}", i > 1 ? "," : "", field[1], used[i], tags[i])
      if ((field[3] && used[i] > field[3] * 1048576) || (field[4] && tags[i] > field[4])) {
        print field[1] >(folder "/above")
        printf "quota of %s: more is there than it allows, %.1f MiB and %d tags: pushes are refused, pulls and deletes go on\n",
          field[1], used[i] / 1048576, tags[i] >(folder "/words")
      }
    }
    printf "{\"number\":%d,\"used\":{%s}}\n", number, all >(folder "/counted.new")
  }
' "$folder/links"
mv "$folder/counted.new" "$folder/counted"

# Said once for each of them.
cmp -s "$folder/above" "$folder/said" || cat "$folder/words"
mv "$folder/above" "$folder/said"
# And as long as it is so to who asks for the proxy's health.
mv "$folder/words" "$folder/exceeded"
rm -f "$folder/links" "$folder/sizes"

ended=$(now)
took=$((ended - began))
echo "$((ended + 4 * took)) $((ended + 500 + 20 * took))" >"$folder/next"
