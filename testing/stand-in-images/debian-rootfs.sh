#!/bin/sh
# Makes a root file system with Debian's own shell and tools, as images on Debian have them: unpacked, never configured.
#
#   debian-rootfs.sh <release> <out.tar> <packages, separated by commas> [apt source line ...]
set -eu
umask 022

release=$1
out=$2
packages=$3
shift 3

# Debian 12's packages still name /bin and /lib.
mmdebstrap --variant=extract --skip=output/dev \
  --include="base-files,ca-certificates,coreutils,dash,findutils,grep,hostname,sed,util-linux,$packages" \
  --setup-hook='for folder in bin sbin lib lib64; do mkdir -p "$1/usr/$folder" && ln -s "usr/$folder" "$1/$folder"; done' \
  --extract-hook='rm -rf "$1/usr/share/doc" "$1/usr/share/man" "$1/usr/share/locale" "$1/var/lib/dpkg" "$1/var/lib/apt"
    ln -sf dash "$1/usr/bin/sh"
    cat "$1"/usr/share/ca-certificates/mozilla/*.crt >"$1/etc/ssl/certs/ca-certificates.crt"
    printf "%s\n" root:x:0:0:root:/root:/bin/sh www-data:x:33:33::/var/www:/bin/false \
      redis:x:999:999::/data:/bin/false nobody:x:65534:65534::/nonexistent:/bin/false >"$1/etc/passwd"
    printf "%s\n" root:x:0: www-data:x:33: redis:x:999: nogroup:x:65534: >"$1/etc/group"
    mkdir -p "$1/run" "$1/root" && chmod 1777 "$1/tmp"' \
  "$release" - "$@" |
  tar --delete -f - ./etc/hostname ./etc/resolv.conf ./etc/apt ./var/cache >"$out"

# A pipe hides that its first command failed.
tar -tf "$out" ./usr/bin/sh >/dev/null
