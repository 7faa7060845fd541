# What is gone that should not be: files of before that are in no folder of the plan.
what == "plan" { planned[$1] = 1 }
what == "blobs" {
  folder = "blobs/sha256/" substr($1, 1, 2) "/" $1
  if (!(folder in planned)) expected[folder "/data"] = 1
}
what == "links" {
  folder = "repositories/" $1
  if ((at = index(folder, "/_manifests/tags/")) > 0) {
    # A tag goes with all that it ever named.
    rest = substr(folder, at + 17)
    folder = substr(folder, 1, at + 16) substr(rest, 1, index(rest, "/") - 1)
  } else sub(/\/link$/, "", folder)
  if (!(folder in planned)) expected["repositories/" $1] = 1
}
what == "blobs-now" { delete expected["blobs/sha256/" substr($1, 1, 2) "/" $1 "/data"] }
what == "links-now" { delete expected[$1] }
END {
  for (path in expected) print path ": is gone and should not be"
}
