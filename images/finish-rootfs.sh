#!/bin/sh
# What maintainer scripts would have done, as far as a container needs it; called by rootfs.sh with the new root.
set -eu
root=${1:?the new root}

# Only what the images run: no documentation, no translations, no service files.
rm -rf "$root"/usr/share/doc "$root"/usr/share/man "$root"/usr/share/info "$root"/usr/share/locale \
  "$root"/usr/share/lintian "$root"/usr/share/bug "$root"/usr/share/perl5 "$root"/usr/lib/*/perl* \
  "$root"/usr/share/bash-completion "$root"/usr/lib/systemd "$root"/etc/init.d "$root"/etc/systemd \
  "$root"/var/lib/dpkg "$root"/var/lib/apt "$root"/var/cache/apt "$root"/var/log/apt "${root:?}/boot"

# Unpacked only, so the certificates are not yet joined into the one file that programs read.
cat "$root"/usr/share/ca-certificates/mozilla/*.crt >"$root/etc/ssl/certs/ca-certificates.crt"

# sh, sha256sum, wget and the rest, where no package brings its own.
for applet in $("$root/usr/bin/busybox" --list); do
  [ -e "$root/usr/bin/$applet" ] || [ -e "$root/usr/sbin/$applet" ] || ln -s busybox "$root/usr/bin/$applet"
done

# No package script made accounts: www-data is nginx's default, the containers of this project run as 65532.
printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'www-data:x:33:33:www-data:/var/www:/bin/false' \
  'nobody:x:65534:65534:nobody:/nonexistent:/bin/false' 'nonroot:x:65532:65532:nonroot:/:/bin/false' >"$root/etc/passwd"
printf '%s\n' 'root:x:0:' 'www-data:x:33:' 'nogroup:x:65534:' 'nonroot:x:65532:' >"$root/etc/group"
printf '%s\n' 'hosts: files dns' >"$root/etc/nsswitch.conf"

mkdir -p "$root/root" "$root/run" "$root/var/lib/registry" "$root/data"
chmod 1777 "$root/tmp"

# As upstream: nginx writes to the container's log until its configuration says otherwise.
if [ -d "$root/var/log/nginx" ]; then
  ln -sf /dev/stdout "$root/var/log/nginx/access.log"
  ln -sf /dev/stderr "$root/var/log/nginx/error.log"
fi

# As upstream: the registry is /bin/registry, whoever packaged it.
[ ! -e "$root/usr/bin/docker-registry" ] || mv "$root/usr/bin/docker-registry" "$root/usr/bin/registry"
