# Names what is missing: manifests that links name, and blobs that manifests of the same repository name.
function file(hex) {
  return "blobs/sha256/" substr(hex, 1, 2) "/" hex "/data"
}
function damage(hex, by) {
  if (!(hex in told)) print file(hex) ": " (hex in blob ? "is empty" : "is missing") ", named by " by
  told[hex] = 1
}
function whole(hex) {
  return hex in blob && (blob[hex] > 0 || hex ~ /^e3b0c44298fc1c149afbf4c8996fb924/)
}
what == "blobs" { blob[$1] = $2 }
what == "layers" { layer[$1, $2] = 1 }
what == "references" && $2 == "r" { references[$1] = references[$1] " " $3 }
what == "revisions" {
  if (!whole($2)) damage($2, $1)
  count = split(references[$2], named, " ")
  for (i = 1; i <= count; i++) {
    # Without a link in the repository the repository never had it: a foreign layer, or a base image that is only mentioned.
    if (($1, named[i]) in layer && !whole(named[i])) damage(named[i], $1 "@sha256:" $2)
  }
}
what == "tags" && !whole($3) { damage($3, $1 ":" $2) }
