#!/usr/bin/env bash
# Turns a review's exit code into the job's: a dangerous change fails, unless somebody has allowed it.
#
#   policy.sh <exit code of the review> <label that allows> [label of the pull request]...
set -euo pipefail

status=$1
allows=$2
shift 2

case "$status" in
  0 | 2) exit 0 ;;
  3)
    for label in "$@"; do
      if [ "$label" = "$allows" ]; then
        echo "A dangerous change, which the label $allows allows."
        exit 0
      fi
    done
    echo "A dangerous change. Undo it, write its line into environments/allowed-changes.txt, or set the label $allows." >&2
    exit 1
    ;;
  *)
    echo "The review could not tell what a deploy would do." >&2
    exit 1
    ;;
esac
