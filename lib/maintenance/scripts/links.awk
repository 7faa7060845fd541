# Sorts "<path> <content>" of all links into layers, revisions and tags, and names those that are damaged.
# The first file lists the paths of all links: an empty one has no content.
FNR == NR {
  missing[$1] = 1
  next
}
{
  delete missing[$1]
  parts = split($1, path, "/")
  hex = substr($2, 8)
  if (NF != 2 || length($2) != 71 || $2 !~ /^sha256:[0-9a-f]+$/) {
    print "repositories/" $1 ": holds no digest" > damaged
    next
  }
  algorithm = path[parts - 2]
  isTag = path[parts - 1] == "current"
  if (!isTag && algorithm == "sha256" && path[parts - 1] != hex) {
    print "repositories/" $1 ": holds another digest than its folder" > damaged
    next
  }
  if ((at = index($1, "/_layers/")) > 0) {
    print substr($1, 1, at - 1), hex > (algorithm == "sha256" ? layers : aliases)
  } else if ((at = index($1, "/_manifests/revisions/")) > 0) {
    print substr($1, 1, at - 1), hex > revisions
  } else if (isTag) {
    print substr($1, 1, index($1, "/_manifests/tags/") - 1), path[parts - 2], hex > tags
  }
}
END {
  for (link in missing) print link > unread
}
