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
    echo "$immutableTags" | sed '/^$/d' >"$work/immutable"
    awk -v now="$(seconds)" -v untagged="$untaggedSeconds" "$retention" what=rules "$work/rules" what=immutable "$work/immutable" what=times "$work/times" \
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
