#!/usr/bin/env bash
# Writes the review of the pull request that a commit of the main branch came from into a file.
#
#   reviewed.sh <owner/repository> <commit> <file>
set -euo pipefail

repository=$1
commit=$2
file=$3
mark="<!-- plan review -->"

number=$(gh api "repos/$repository/commits/$commit/pulls" --jq '.[] | select(.merged_at != null) | .number' | head -n 1)
if [ -z "$number" ]; then
  echo "$commit came from no pull request, so nobody has reviewed a plan. Fix: deploy it by hand." >&2
  exit 1
fi
gh api --paginate "repos/$repository/issues/$number/comments" \
  --jq ".[] | select(.user.login == \"github-actions[bot]\" and (.body | startswith(\"$mark\"))) | .body" >"$file"
if [ ! -s "$file" ]; then
  echo "Pull request $number has no review. Fix: run its review again, or deploy by hand." >&2
  exit 1
fi
