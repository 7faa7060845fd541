# Copies all links, so that a backup holds no image of which a part was pushed meanwhile. The order is that of a push turned
# around: what a tag needs was there before the tag was, and is copied after it. Blobs come last, by restic.
stage() {
  rm -rf "$links"
  staged=$links/$tree/repositories
  mkdir -p "$staged" || return 1
  cd "$data/$tree/repositories" || return 1
  copy_links '*/_manifests/tags/*' && copy_links '*/_manifests/revisions/*' && copy_links '*/_layers/*' || return 1
  leave_out_deleted
}
copy_links() {
  find . -name _uploads -prune -o -path "$1" -name link -type f -print 2>/dev/null >"$home/wanted"
  tries=0
  while [ -s "$home/wanted" ]; do
    # With the times of the links: retention asks when a tag was pushed. The tar of busybox takes no list.
    tr '\n' '\0' <"$home/wanted" | xargs -0 sh -c 'tar -cf - "$@" | tar -xf - -C "$0"' "$staged" 2>/dev/null
    # Not there yet: what was written in this moment, and what tar left out for it. Version 2 writes links in place.
    (cd "$staged" && find . -path "$1" -name link -size 71c) >"$home/copied"
    awk 'what == "copied" { copied[$0] = 1 } what == "wanted" && !($0 in copied)' \
      what=copied "$home/copied" what=wanted "$home/wanted" >"$home/rest"
    while read -r link; do
      [ ! -e "$link" ] || echo "$link"
    done <"$home/rest" >"$home/wanted"
    tries=$((tries + 1))
    if [ $tries -ge 10 ]; then
      # What holds no digest is damaged, and is saved as it is.
      while read -r link; do [ -e "$staged/$link" ] || return 1; done <"$home/wanted"
      return
    fi
    [ ! -s "$home/wanted" ] || sleep 0.1
  done
}
# A delete takes a manifest's link before those of its tags: a tag whose manifest is not there was deleted meanwhile.
leave_out_deleted() {
  cd "$staged" || return 1
  find . -path '*/_manifests/revisions/*' -name link -type f >"$home/copied"
  find . -path '*/_manifests/tags/*/current/link' -type f -exec grep -H '' {} + 2>/dev/null | sed 's/:/ /' |
    awk 'what == "copied" { revision[$1] = 1 }
      what == "tags" {
        at = index($1, "/_manifests/tags/")
        digest = $2
        sub(/:/, "/", digest)
        if (!((substr($1, 1, at) "_manifests/revisions/" digest "/link") in revision)) print substr($1, 1, length($1) - 13)
      }' what=copied "$home/copied" what=tags - >"$home/rest"
  tr '\n' '\0' <"$home/rest" | xargs -0 rm -rf
  cd / || return 1
}

# Not complete until it is known that nothing was moved away while it was taken.
snapshot() {
  (cd "$home" && run_restic backup --json --quiet --host "$name" --tag incomplete "$data/$tree/blobs" "links/$tree/repositories") \
    >"$home/summary" 2>"$home/errors"
  # 3: files were gone when they were to be read.
  case $? in 0 | 3) ;; *) return 1 ;; esac
  id=$(sed -n 's/.*"snapshot_id":"\([0-9a-f]*\)".*/\1/p' "$home/summary")
  added=$(sed -n 's/.*"data_added_packed":\([0-9]*\).*/\1/p' "$home/summary")
  [ -n "$id" ]
}

# Digests that links of this backup name and whose blobs are not in it: a collection has moved them, or the storage lacks them.
list_absent() {
  run_restic ls "$id" "$data/$tree/blobs" --recursive >"$home/saved" 2>"$home/errors" || return 1
  digests_in "$links" >"$home/named"
  awk 'what == "saved" { parts = split($0, path, "/"); if (path[parts] == "data") blob["sha256:" path[parts - 1]] = 1 }
    what == "named" && !($0 in blob)' what=saved "$home/saved" what=named "$home/named" >"$home/absent"
}
# One a line, each once.
digests_in() {
  find "$1" -name link -type f -exec awk 1 {} + | grep '^sha256:[0-9a-f]*$' | sort -u
}
