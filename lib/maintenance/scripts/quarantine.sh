# Compares each blob with its name; those that differ are in $work/corrupt, and among what is damaged.
hash_blobs() {
  awk '{ print "blobs/sha256/" substr($1, 1, 2) "/" $1 "/data" }' "$work/blobs" >"$work/files"
  : >"$work/corrupt"
  [ -s "$work/files" ] || return 0
  differing
  [ -s "$work/corrupt" ] || return 0
  # Twice: version 2 writes a manifest in place, and others may have been collected meanwhile.
  sleep "$pauseSeconds"
  mv "$work/corrupt" "$work/files"
  differing
  sed 's/$/: its content is not what its name says, or cannot be read/' "$work/corrupt" >>"$work/damaged"
  [ ! -s "$work/corrupt" ]
}
differing() {
  # What cannot be read has no line in the answer.
  (cd "$root" && for_all "$work/files" sha256sum 2>/dev/null) >"$work/sums"
  awk 'what == "sums" { parts = split($2, path, "/"); if ($1 == path[4]) whole[$2] = 1 }
    what == "files" && !($1 in whole)' what=sums "$work/sums" what=files "$work/files" >"$work/differing"
  while read -r file; do
    [ ! -e "$root/$file" ] || echo "$file"
  done <"$work/differing" >"$work/corrupt"
}

# The registry does not replace a blob whose file is there. Once it is gone, and forgotten, a push brings it again.
quarantine() {
  lock
  survey || fail failed "the storage cannot be read"
  if hash_blobs; then
    say "no blob is damaged"
    return
  fi
  enter_quiet_window || fail busy "uploads did not come to an end; the next try is later" 75
  run=$home/quarantine/$(date -u +%Y%m%dT%H%M%SZ)-$$
  # Whoever kills this from here on: the registry runs without its cache until that has forgotten.
  [ ! -e "$forgetter" ] || : >"$unforgotten"
  moved=0
  while read -r file; do
    folder=${file%/data}
    mkdir -p "$run/${folder%/*}" && mv "$root/$folder" "$run/${folder%/*}/" && moved=$((moved + 1))
  done <"$work/corrupt"
  forget_cache "quarantine-${run##*/}"
  leave_window
  say "moved $moved damaged blobs into ${run#"$data/"}; writes waited for $window s. Push again what has them:"
  sed 's#^blobs/sha256/../#sha256:#; s#/data$##' "$work/corrupt" | while read -r digest; do say "$digest$(named_by "$digest")"; done
  [ "$moved" -eq "$(wc -l <"$work/corrupt")" ] || exit 1
}
# Repositories that have it.
named_by() {
  hex=${1#sha256:}
  awk -v hex="$hex" '$2 == hex && !($1 in told) { told[$1] = 1; printf "%s%s", (count++ ? ", " : " in "), $1 }' \
    "$work/layers" "$work/revisions"
}
