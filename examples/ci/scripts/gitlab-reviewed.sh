#!/usr/bin/env bash
# Writes the review of the merge request that a commit of the main branch came from into a file.
# Needs curl, jq and REVIEW_TOKEN.
#
#   gitlab-reviewed.sh <commit> <file>
set -euo pipefail

commit=$1
file=$2
mark="<!-- plan review -->"
project="$CI_API_V4_URL/projects/$CI_PROJECT_ID"

api() { curl --silent --show-error --fail --header @<(printf 'PRIVATE-TOKEN: %s' "$REVIEW_TOKEN") "$@"; }

number=$(api "$project/repository/commits/$commit/merge_requests" | jq 'map(select(.state == "merged")) | first | .iid // empty')
if [ -z "$number" ]; then
  echo "$commit came from no merge request, so nobody has reviewed a plan. Fix: deploy it by hand." >&2
  exit 1
fi
me=$(api "$CI_API_V4_URL/user" | jq .id)
api "$project/merge_requests/$number/notes?per_page=100&sort=asc" |
  jq --raw-output --arg mark "$mark" --argjson me "$me" 'map(select(.author.id == $me and (.body | startswith($mark)))) | first | .body // empty' >"$file"
if [ ! -s "$file" ]; then
  echo "Merge request $number has no review. Fix: run its review again, or deploy by hand." >&2
  exit 1
fi
