#!/usr/bin/env bash
# Prints environment and fingerprint, a line each, of what a comment says was reviewed; the comment comes on standard input.
#
#   fingerprints.sh <file with the comment>
set -euo pipefail

# As the review writes it: nothing else of a comment is looked at, and nothing of it is run.
grep -oE 'npm run deploy -- [A-Za-z0-9_.-]+ --reviewed [0-9a-f]{32}' "$1" | awk '{ print $5, $7 }' | sort -u
