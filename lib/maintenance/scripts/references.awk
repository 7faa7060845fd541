# What manifests refer to. A digest counts wherever it stands: too much kept is safe.
# For each file: "<manifest> r <digest>", "<manifest> s <digest>" where it is the subject, "<manifest> i" for an index.
BEGIN {
  RS = "\""
  for (i = 0; i < 10; i++) escaped["003" i] = i
  for (i = 1; i <= 6; i++) escaped["006" i] = substr("abcdef", i, 1)
  escaped["003a"] = ":"
  escaped["0068"] = "h"
  escaped["0073"] = "s"
}
FNR == 1 {
  parts = split(FILENAME, path, "/")
  manifest = path[parts - 1]
  depth = inString = inSubject = 0
  before = last = ""
}
inString {
  # An odd number of backslashes before a quote: it belongs to the string.
  if (match($0, /\\+$/) && RLENGTH % 2 == 1) {
    before = "escaped"
    next
  }
  last = before == "" ? plain($0) : ""
  before = ""
  inString = 0
  if (length(last) == 71 && last ~ /^sha256:[0-9a-f]+$/) print manifest, (inSubject ? "s" : "r"), substr(last, 8)
  next
}
{
  inString = 1
  if (depth == 1 && $0 ~ /^[ \t\r\n]*:/) {
    if (last == "manifests") print manifest, "i"
    if (last == "subject") inSubject = 1
  }
  brackets = $0
  depth += gsub(/[{[]/, "", brackets) - gsub(/[]}]/, "", brackets)
  if (depth <= 1) inSubject = 0
}
# JSON lets every letter be written as \u0061.
function plain(text,   start) {
  if (length(text) > 426 || !index(text, "\\u")) return text
  while (start = index(text, "\\u")) {
    code = tolower(substr(text, start + 2, 4))
    text = substr(text, 1, start - 1) (code in escaped ? escaped[code] : "?") substr(text, start + 6)
  }
  return text
}
