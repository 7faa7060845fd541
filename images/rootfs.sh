#!/bin/sh
# Makes the root file system of one home-made image: Debian packages, unpacked but never configured (no maintainer
# script runs, nothing is started), plus busybox for the shell and the small tools.
#
#   rootfs.sh <release> <out.tar> <packages, separated by commas> [apt source line ...]
#
# Without source lines mmdebstrap takes its own default mirrors. Runs as root, or as a user where user namespaces work.
set -eu
umask 022

release=$1
out=$2
packages=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)

# Of the machine that builds only the packages may get in: not its name, its resolver, its mirrors.
mmdebstrap --variant=extract --skip=output/dev --include="base-files,busybox-static,ca-certificates,$packages" \
  --extract-hook="\"$here/finish-rootfs.sh\" \"\$1\"" \
  "$release" - "$@" |
  tar --delete -f - ./etc/hostname ./etc/resolv.conf ./etc/apt ./var/lib/apt ./var/cache >"$out"

# A pipe hides that its first command failed.
tar -tf "$out" ./usr/bin/busybox >/dev/null
