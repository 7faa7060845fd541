# What the tasks of a registry tell each other: a word each, in tags of a registry whose root is a folder of the same bucket.
# Whoever can write images can read and write these too, and each read sees what was written before it.
ledger=127.0.0.1:@ledgerPort@
mediaType=@mediaType@
answer=$ipc/answer-$$
newline='
'
# A collector that does not count among others.
besides=

serve_ledger() {
  [ -s "$ipc/ledger.pid" ] && kill -0 "$(cat "$ipc/ledger.pid")" 2>/dev/null && return
  # It calls each word that is not there an error; what is wrong with the bucket, the registry itself says.
  registry serve "$(dirname "$0")/../ledger.yml" >/dev/null 2>&1 &
  echo $! >"$ipc/ledger.pid"
}
# The manifest that carries a word.
word_manifest() { printf '{"schemaVersion":2,"mediaType":"%s","manifests":[],"annotations":{"word":"%s"}}' "$mediaType" "$1"; }
# Asks the ledger; its answer is in a file, the status of it in $code, or 000.
ask() {
  : >"$answer"
  {
    printf '%s /v2/%s HTTP/1.0\r\nHost: %s\r\nAccept: %s\r\n' "$1" "$2" "$ledger" "$mediaType"
    printf 'Content-Type: %s\r\nContent-Length: %d\r\n\r\n%s' "$mediaType" ${#3} "$3"
    # The registry gives up what it is at when this side ends.
    patience=100
    until [ -s "$answer" ] || [ $patience -eq 0 ]; do
      patience=$((patience - 1))
      sleep 0.05
    done
  } | {
    timeout 8 nc "${ledger%:*}" "${ledger#*:}" >"$answer" 2>/dev/null
    # Also where nobody answers: the other side need not wait then.
    echo >>"$answer"
  }
  read -r _ code _ <"$answer"
  code=${code:-000}
}
# put <repository> <tag> <word>
put() {
  ask PUT "$1/manifests/$2" "$(word_manifest "$3")"
  [ "$code" = 201 ]
}
# word_of <repository> <tag>: in $word, empty where there is none; fails where that is not known.
word_of() {
  ask GET "$1/manifests/$2" ""
  word=$(sed -n 's/.*"word":"\([^"]*\)".*/\1/p' "$answer")
  [ "$code" = 200 ] || [ "$code" = 404 ]
}
# tags_of <repository>: in $listed, in order; fails where they are not known.
tags_of() {
  ask GET "$1/tags/list" ""
  listed=$(sed -n 's/.*"tags":\[\([^]]*\)\].*/\1/p' "$answer" | tr -d '"' | tr ',' '\n' | sort)
  [ "$code" = 200 ] || [ "$code" = 404 ]
}
# take_back <repository> <tag> <word>: says a last word, and removes it. By digest, as version 2 deletes no tag.
take_back() {
  put "$1" "$2" "$3" || return 1
  forget_word "$1" "$3"
  [ "$code" = 202 ] || [ "$code" = 404 ]
}
forget_word() { ask DELETE "$1/manifests/sha256:$(word_manifest "$2" | sha256sum | cut -d ' ' -f 1)" ""; }
uptime_seconds() {
  read -r up _ </proc/uptime
  echo "${up%.*}"
}
# Another one each second, for a quarter of an hour.
beat() { echo $(($(uptime_seconds) % 1000)); }
# unchanged_for <repository> <tag> <word>: for how many seconds it was the same, in $unchanged. Beats come again: looks that
# are minutes apart tell nothing.
unchanged_for() {
  seen=$ipc/seen-$1-$2
  now=$(uptime_seconds)
  read -r earlier since looked 2>/dev/null <"$seen" || earlier='' looked=0
  [ "$earlier" = "${3:-none}" ] && [ $((now - looked)) -le 300 ] || since=$now
  echo "${3:-none} $since $now" >"$seen"
  unchanged=$((now - since))
}
# Whether a task collects, or may: of one that does not beat any more nothing is left at work after @windowTtl@ seconds.
somebody_collects() {
  tags_of collectors || return 0
  forget_others collectors
  at_it=1
  for tag in $listed; do
    [ "$tag" != "$besides" ] || continue
    word_of collectors "$tag" || return 0
    unchanged_for collectors "$tag" "$word"
    case $word in open-*) [ $unchanged -gt @windowTtl@ ] || at_it=0 ;; esac
  done
  return $at_it
}
# What was seen of tasks that have none of these tags.
forget_others() {
  for seen in "$ipc/seen-$1-"*; do
    case $newline$listed$newline in *"$newline${seen##*-}$newline"*) ;; *) rm -f "$seen" ;; esac
  done
}
@kill-all.sh@
