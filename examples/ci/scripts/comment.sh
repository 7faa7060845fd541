#!/usr/bin/env bash
# Writes one comment under a pull request, and writes over it the next time.
#
#   comment.sh <owner/repository> <number of the pull request> <file with the text>
set -euo pipefail

repository=$1
number=$2
text=$3
mark="<!-- plan review -->"

body=$(mktemp)
trap 'rm -f "$body"' EXIT
{
  echo "$mark"
  cat "$text"
} >"$body"

# Only the workflow's own: anybody can write a comment that begins with the mark.
existing=$(gh api --paginate "repos/$repository/issues/$number/comments" \
  --jq ".[] | select(.user.login == \"github-actions[bot]\" and (.body | startswith(\"$mark\"))) | .id" | head -n 1)
if [ -n "$existing" ]; then
  gh api --method PATCH "repos/$repository/issues/comments/$existing" --field "body=@$body" >/dev/null
else
  gh api --method POST "repos/$repository/issues/$number/comments" --field "body=@$body" >/dev/null
fi
