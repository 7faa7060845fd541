#!/usr/bin/env bash
# Writes one note under a merge request, and writes over it the next time. Needs curl, jq and REVIEW_TOKEN.
#
#   gitlab-note.sh <number of the merge request> <file with the text>
set -euo pipefail

number=$1
text=$2
mark="<!-- plan review -->"
notes="$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$number/notes"

# A token in an argument would be in the list of processes.
api() { curl --silent --show-error --fail --header @<(printf 'PRIVATE-TOKEN: %s' "$REVIEW_TOKEN") "$@"; }

me=$(api "$CI_API_V4_URL/user" | jq .id)
existing=$(api "$notes?per_page=100&sort=asc" |
  jq --arg mark "$mark" --argjson me "$me" 'map(select(.author.id == $me and (.body | startswith($mark)))) | first | .id // empty')
body=$(jq --raw-input --slurp --arg mark "$mark" '{ body: ($mark + "\n" + .) }' "$text")
if [ -n "$existing" ]; then
  api --request PUT --header 'Content-Type: application/json' --data @- "$notes/$existing" <<<"$body" >/dev/null
else
  api --request POST --header 'Content-Type: application/json' --data @- "$notes" <<<"$body" >/dev/null
fi
