#!/usr/bin/env bash
# Reviews all environments, or those that are named, into a file of Markdown and one of JSON.
#
#   review.sh <folder for the reports> [argument of npm run review]...
#
# Ends with the review's exit code: 0 nothing changes, 2 something does, 3 something dangerous does, 1 error.
set -euo pipefail

reports=$1
shift
mkdir -p "$reports"

# One review, two renderings of it would be two plans: the comment is made of the first, digests come from the second.
status=0
npm run --silent review -- "$@" --format markdown --json "$reports/review.json" >"$reports/review.md" || status=$?
if [ ! -s "$reports/review.md" ]; then
  echo "The review failed before it could say anything; the log of this job says why." >"$reports/review.md"
fi
exit "$status"
