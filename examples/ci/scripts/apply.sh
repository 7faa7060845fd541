#!/usr/bin/env bash
# Deploys what was reviewed, one environment after the other, and nothing else: a plan that is another one by now is refused.
#
#   apply.sh <file with the comment of the review>
set -euo pipefail

here=$(dirname "$0")
reviewed=$("$here/fingerprints.sh" "$1" || true)
if [ -z "$reviewed" ]; then
  echo "The review says that nothing changes."
  exit 0
fi
failed=0
while read -r environment fingerprint; do
  npm run deploy -- "$environment" --reviewed "$fingerprint" || failed=1
done <<<"$reviewed"
exit "$failed"
