#!/bin/sh
# Makes this machine's clients accept the registry @hostPort@. Made by cdktf-docker-registry.
# DOCKER_CERTS_D, DOCKER_DAEMON_JSON and TRUST_STATE choose other places than the usual ones.
set -eu
umask 022

registry='@hostPort@'
host_name='@hostName@'
has_ca=@hasCa@
daemon_key='@daemonKey@'
daemon_value='@daemonValue@'

usage() {
  cat <<'END'
Usage: sh install.sh [option...]
@usage@
END
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
if [ "$(uname -s)" = Darwin ]; then
  docker="$HOME/.docker"
  state="${TRUST_STATE:-$HOME/.docker/registry-trust}/$registry"
else
  docker=/etc/docker
  state="${TRUST_STATE:-/var/lib/docker-registry-trust}/$registry"
fi
certs_d="${DOCKER_CERTS_D:-$docker/certs.d}"
daemon_json="${DOCKER_DAEMON_JSON:-$docker/daemon.json}"
hosts_mark="# registry $registry"
keychain=/Library/Keychains/System.keychain
dry_run=no
failed=no

say() {
  printf '%-13s %s\n' "$1" "$2"
}

fail() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}

@kept-files.sh@

@trust-store.sh@

@daemon-json.sh@

# --- /etc/hosts --------------------------------------------------------------------------------
other_hosts() {
  awk -v mark="$hosts_mark" 'substr($0, length($0) - length(mark) + 1) != mark' /etc/hosts
}

name_in_hosts() {
  [ -n "$host_name" ] || fail "the registry has no name, clients use its address"
  known=$(other_hosts | awk -v name="$host_name" '
    { sub(/#.*/, ""); for (i = 2; i <= NF; i++) if ($i == name) { print $1; exit } }')
  if [ "$known" = "$1" ]; then
    say unchanged /etc/hosts
    return 0
  fi
  [ -z "$known" ] || fail "/etc/hosts says that $host_name is $known. Fix: remove that line"
  named=$(mktemp)
  {
    other_hosts
    printf '%s %s %s\n' "$1" "$host_name" "$hosts_mark"
  } >"$named"
  put "$named" /etc/hosts
  rm -f -- "$named"
}

@undo.sh@

# -----------------------------------------------------------------------------------------------
system=no
daemon=no
[ "$daemon_key" != insecure-registries ] || daemon=yes
address=
undo=no
while [ $# -gt 0 ]; do
  case "$1" in
    --system) system=yes ;;
    --mirror) daemon=yes ;;
    --hosts)
      [ $# -gt 1 ] || fail "--hosts needs the address of the registry"
      address="$2"
      shift
      ;;
    --dry-run) dry_run=yes ;;
    --undo) undo=yes ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      usage >&2
      fail "unknown option $1"
      ;;
  esac
  shift
done

if [ $undo = yes ]; then
  undo
  [ $failed = no ] || exit 1
  exit 0
fi

[ $has_ca$system != noyes ] || fail "there is no CA to trust: the registry speaks HTTP, or has a public certificate"
if [ $has_ca = yes ]; then
  [ -s "$here/ca.crt" ] || fail "there is no ca.crt beside this script. Fix: copy the whole folder"
  put "$here/ca.crt" "$certs_d/$registry/ca.crt"
  [ $system = no ] || trust_by_system
fi
[ $daemon = no ] || configure_daemon
[ -z "$address" ] || name_in_hosts "$address"
[ $failed = no ] || exit 1
cat <<'END'

@nextSteps@END
