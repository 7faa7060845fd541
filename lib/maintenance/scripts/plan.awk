# What can go, as folders below the root of the registry: blobs, links to layers, tags and revisions; then "#" and the figures.
function path(hex) {
  return "blobs/sha256/" substr(hex, 1, 2) "/" hex
}
what == "young" {
  parts = split($1, folder, "/")
  if ($1 ~ /^blobs\//) young[folder[parts - 1]] = 1
  else if (index($1, "/_layers/")) {
    young[folder[parts - 1]] = 1
    youngLink[$1] = 1
  }
}
what == "dropped" && $1 == "tag" {
  droppedTag[$2, $3] = 1
  tagCount++
  print "repositories/" $2 "/_manifests/tags/" $3
}
what == "dropped" && $1 == "revision" {
  dropped[$2, $3] = 1
  revisionCount++
  print "repositories/" $2 "/_manifests/revisions/sha256/" $3
}
what == "references" && $2 != "i" { references[$1] = references[$1] " " $3 }
what == "references" && $2 == "i" { isIndex[$1] = 1 }
what == "revisions" && !(($1, $2) in dropped) { keep($1, $2) }
what == "tags" && !(($1, $2) in droppedTag) { keep($1, $3) }
# The registry knows a blob by other digests too.
what == "aliases" {
  live[$2] = 1
  linked[$1, $2] = 1
}
what == "layers" && !(($1, $2) in linked) {
  link = "repositories/" $1 "/_layers/sha256/" $2
  if (!((link "/link") in youngLink)) {
    print link
    linkCount++
  }
}
what == "blobs" && !($1 in live) && !($1 in young) {
  print path($1)
  blobCount++
  bytes += $2
}
END {
  printf "# %d %.0f %d %d %d\n", blobCount, bytes, linkCount, tagCount, revisionCount
}
function keep(repository, hex,   i, count, named) {
  if ((repository, hex) in kept) return
  kept[repository, hex] = 1
  live[hex] = 1
  linked[repository, hex] = 1
  count = split(references[hex], named, " ")
  for (i = 1; i <= count; i++) {
    live[named[i]] = 1
    linked[repository, named[i]] = 1
    if (hex in isIndex) keep(repository, named[i])
  }
}
