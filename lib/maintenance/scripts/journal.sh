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
