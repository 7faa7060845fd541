# Which tags and untagged manifests go: "tag <repository> <tag>" and "revision <repository> <digest>".
# A rule is "<repositories>|<last>|<younger than, seconds>|<tags>|<versions>"; the first that matches counts.
what == "rules" {
  rules++
  split($0, rule, "|")
  repositories[rules] = rule[1]
  last[rules] = rule[2]
  younger[rules] = rule[3]
  kept[rules] = rule[4]
  versions[rules] = rule[5]
}
# "<repositories>|<tags>" that stay whatever the rules say.
what == "immutable" {
  stays++
  split($0, rule, "|")
  stayingIn[stays] = rule[1]
  staying[stays] = rule[2]
}
what == "times" { time[$2] = $1 }
what == "references" && $2 == "r" { references[$1] = references[$1] " " $3 }
what == "references" && $2 == "s" { subject[$1] = $3 }
what == "revisions" {
  if (!($1 in manifests)) order[++count] = $1
  manifests[$1] = manifests[$1] " " $2
}
what == "tags" {
  tags[$1] = tags[$1] " " $2
  target[$1, $2] = $3
  if (!($1 in manifests)) {
    manifests[$1] = ""
    order[++count] = $1
  }
}
END {
  for (r = 1; r <= count; r++) sweep(order[r])
}

function fits(text, patterns,   i, each) {
  for (i = split(patterns, each, " "); i > 0; i--) if (text ~ "^" each[i] "$") return 1
  return 0
}
function isImmutable(repository, tag,   i) {
  for (i = 1; i <= stays; i++) if (fits(repository, stayingIn[i]) && fits(tag, staying[i])) return 1
  return 0
}
function ruleOf(repository,   i) {
  for (i = 1; i <= rules; i++) if (fits(repository, repositories[i])) return i
  return 0
}
# Where no time is known it is young: too much kept is safe.
function age(path) {
  return path in time ? now - time[path] : 0
}
function tagAge(repository, tag) {
  return age(repository "/_manifests/tags/" tag "/current/link")
}
# The digest that a fallback tag is about: a signature, an attestation, or the list of all of them.
function subjectOfTag(tag) {
  return tag ~ /^sha256-/ && substr(tag, 8, 64) ~ /^[0-9a-f]+$/ && length(tag) >= 71 && substr(tag, 72, 1) ~ /^[.]?$/ ? substr(tag, 8, 64) : ""
}
function versionNumber(text,   part, n) {
  sub(/^v/, "", text)
  if (text !~ /^[0-9]+([.][0-9]+)*([-+].*)?$/) return -1
  sub(/[-+].*/, "", text)
  n = split(text, part, ".")
  return n > 3 ? -1 : part[1] * 1e10 + part[2] * 1e5 + part[3]
}
function hasVersion(tag, wanted,   v, bounds) {
  v = versionNumber(tag)
  split(wanted, bounds, " ")
  return wanted != "" && v >= bounds[1] + 0 && v < bounds[2] + 0
}
# The age of the Nth youngest tag: those as old as it are kept too.
function ageOfNth(list, repository, n, total,   i, j, swap, ages) {
  if (n == 0) return -1
  for (i = 1; i <= total; i++) ages[i] = tagAge(repository, list[i])
  if (n >= total) return 1e12
  for (i = 1; i <= n; i++) {
    for (j = i + 1; j <= total; j++) if (ages[j] < ages[i]) {
      swap = ages[i]
      ages[i] = ages[j]
      ages[j] = swap
    }
  }
  return ages[n]
}
function sweep(repository,   i, rule, all, total, own, owned, ordinary, n, tag, oldest, isKept, live, queue, todo, m, j, named, k) {
  total = split(tags[repository], all, " ")
  owned = split(manifests[repository], own, " ")
  rule = ruleOf(repository)
  for (i = 1; i <= total; i++) if (subjectOfTag(all[i]) == "") ordinary[++n] = all[i]
  oldest = rule ? ageOfNth(ordinary, repository, last[rule], n + 0) : 0
  for (i = 1; i <= n; i++) {
    tag = ordinary[i]
    isKept[tag] = !rule || isImmutable(repository, tag) || tagAge(repository, tag) <= oldest || tagAge(repository, tag) < younger[rule] || fits(tag, kept[rule]) || hasVersion(tag, versions[rule])
    if (isKept[tag]) live[target[repository, tag]] = 1
  }
  for (i = 1; i <= total; i++) {
    if (subjectOfTag(all[i]) != "" && tagAge(repository, all[i]) < untagged) live[target[repository, all[i]]] = 1
  }
  for (i = 1; i <= owned; i++) {
    if (untagged < 0 || age(repository "/_manifests/revisions/sha256/" own[i] "/link") < untagged) live[own[i]] = 1
  }
  # Whatever a live manifest names, and whatever names a live one as its subject, until nothing is added.
  do {
    todo = 0
    for (m in live) queue[++todo] = m
    k = todo
    for (i = 1; i <= todo; i++) {
      j = split(references[queue[i]], named, " ")
      for (; j > 0; j--) if (!(named[j] in live)) {
        live[named[j]] = 1
        k++
      }
    }
    for (i = 1; i <= owned; i++) if (!(own[i] in live) && own[i] in subject && subject[own[i]] in live) {
      live[own[i]] = 1
      k++
    }
    for (i = 1; i <= total; i++) {
      tag = all[i]
      if (subjectOfTag(tag) in live && !(target[repository, tag] in live)) {
        live[target[repository, tag]] = 1
        k++
      }
    }
  } while (k > todo)
  for (i = 1; i <= total; i++) {
    tag = all[i]
    if (subjectOfTag(tag) == "" ? !isKept[tag] : !(subjectOfTag(tag) in live) && tagAge(repository, tag) >= untagged && untagged >= 0) print "tag", repository, tag
  }
  for (i = 1; i <= owned; i++) if (!(own[i] in live)) print "revision", repository, own[i]
}
