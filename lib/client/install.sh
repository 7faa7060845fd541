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

# --- What is changed is kept -------------------------------------------------------------------
# A file's record in $state: NAME.before (its copy) or NAME.absent, and NAME.installed.
record() {
  printf '%s/%s' "$state" "$(printf '%s' "$1" | tr / %)"
}

same() {
  [ -e "$1" ] && [ -e "$2" ] && [ "$(cksum <"$1")" = "$(cksum <"$2")" ]
}

# Directories that were made are listed, so that --undo can remove them, the last one first.
make_directory() {
  [ ! -d "$1" ] || return 0
  make_directory "$(dirname -- "$1")"
  mkdir -- "$1" 2>/dev/null || fail "cannot create $1. Fix: sudo sh install.sh"
  case "$1" in
    "$state") chmod 700 "$state" ;;
    *) [ ! -d "$state" ] || printf '%s\n' "$1" >>"$state/directories" ;;
  esac
}

# put SOURCE TARGET: written in place, which keeps owner, mode and links of what is there.
put() {
  if same "$1" "$2"; then
    say unchanged "$2"
    return 0
  fi
  if [ $dry_run = yes ]; then
    say "would write" "$2"
    return 0
  fi
  make_directory "$state"
  entry=$(record "$2")
  if [ ! -e "$entry.before" ] && [ ! -e "$entry.absent" ]; then
    if [ -e "$2" ]; then cp -p "$2" "$entry.before"; else : >"$entry.absent"; fi
  fi
  make_directory "$(dirname -- "$2")"
  cp "$1" "$entry.installed"
  { cat "$1" >"$2"; } 2>/dev/null || fail "cannot write $2. Fix: sudo sh install.sh"
  say written "$2"
}

# --- The whole machine's trust store -----------------------------------------------------------
find_trust_store() {
  if command -v update-ca-trust >/dev/null; then
    anchors=/etc/pki/ca-trust/source/anchors
    refresh="update-ca-trust extract"
    refresh_after_removal=$refresh
  elif command -v update-ca-certificates >/dev/null; then
    anchors=/usr/local/share/ca-certificates
    refresh=update-ca-certificates
    # Without --fresh it leaves the links of what is gone.
    refresh_after_removal="update-ca-certificates --fresh"
  else
    fail "no update-ca-certificates and no update-ca-trust here. Fix: install the package ca-certificates"
  fi
}

fingerprint() {
  openssl x509 -noout -fingerprint -sha1 -in "$1" | sed 's/.*=//; s/://g'
}

trust_on_macos() {
  if security find-certificate -a -Z "$keychain" | grep -q "$(fingerprint "$here/ca.crt")"; then
    say unchanged "$keychain"
  elif [ $dry_run = yes ]; then
    say "would add" "the CA to $keychain"
  else
    make_directory "$state"
    security add-trusted-cert -d -r trustRoot -k "$keychain" "$here/ca.crt"
    cp "$here/ca.crt" "$state/keychain.crt"
    say added "the CA to $keychain"
  fi
}

trust_by_system() {
  if [ "$(uname -s)" = Darwin ]; then
    trust_on_macos
    return 0
  fi
  find_trust_store
  put "$here/ca.crt" "$anchors/registry-$(printf '%s' "$registry" | tr -c 'A-Za-z0-9.-' _).crt"
  # Also when nothing changed: the time before may have been interrupted.
  [ $dry_run = yes ] || $refresh >/dev/null 2>&1 || fail "$refresh failed: run it by hand to see why"
}

distrust_on_macos() {
  [ -e "$state/keychain.crt" ] || return 0
  if [ $dry_run = yes ]; then
    say "would remove" "the CA from $keychain"
    return 0
  fi
  security remove-trusted-cert -d "$state/keychain.crt"
  security delete-certificate -Z "$(fingerprint "$state/keychain.crt")" "$keychain"
  rm -f -- "$state/keychain.crt"
  say removed "the CA from $keychain"
}

# --- Docker's daemon.json ----------------------------------------------------------------------
# edit_daemon add|remove: prints it with the registry in or out of the list; other settings stay.
edit_daemon() {
  if command -v jq >/dev/null; then
    jq --arg how "$1" --arg key "$daemon_key" --arg value "$daemon_value" '
      (.[$key] // []) as $list
      | if $how == "add" then .[$key] = ($list - [$value]) + [$value]
        elif $list - [$value] == [] then del(.[$key])
        else .[$key] = $list - [$value] end' "$daemon_json"
  elif command -v python3 >/dev/null; then
    python3 -c '
import json, sys
how, key, value, path = sys.argv[1:]
with open(path) as file:
    settings = json.load(file)
items = [item for item in settings.pop(key, []) if item != value]
if how == "add":
    items.append(value)
if items:
    settings[key] = items
print(json.dumps(settings, indent=2))' "$1" "$daemon_key" "$daemon_value" "$daemon_json"
  else
    return 1
  fi
}

configure_daemon() {
  if [ ! -s "$daemon_json" ]; then
    put "$here/daemon.json" "$daemon_json"
  elif grep -qF "\"$daemon_key\"" "$daemon_json" && grep -qF "\"$daemon_value\"" "$daemon_json"; then
    say unchanged "$daemon_json"
  else
    merged=$(mktemp)
    if edit_daemon add >"$merged" 2>/dev/null; then
      put "$merged" "$daemon_json"
    else
      say "left alone" "$daemon_json: to change it takes jq or python3, and valid JSON. Add by hand:"
      cat "$here/daemon.json"
      failed=yes
    fi
    rm -f -- "$merged"
  fi
}

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

# --- Undo --------------------------------------------------------------------------------------
# Prints FILE without our part; fails where the whole file was ours.
without_our_part() {
  case "$1" in
    "$daemon_json") edit_daemon remove ;;
    /etc/hosts) other_hosts ;;
    *) return 1 ;;
  esac
}

# What nobody has touched since comes back byte for byte.
undo_file() {
  entry=$(record "$1")
  if [ $dry_run = yes ]; then
    say "would restore" "$1"
    return 0
  fi
  rest=$(mktemp)
  if [ ! -e "$1" ]; then
    say gone "$1"
  elif same "$1" "$entry.installed"; then
    if [ -e "$entry.before" ]; then cat "$entry.before" >"$1"; else rm -f -- "$1"; fi
    say restored "$1"
  elif without_our_part "$1" >"$rest" 2>/dev/null; then
    cat "$rest" >"$1"
    say "taken out of" "$1"
  else
    say "left alone" "$1: it was changed since. What was there before, if anything: $entry.before"
    rm -f -- "$rest"
    failed=yes
    return 0
  fi
  rm -f -- "$rest" "$entry.before" "$entry.absent" "$entry.installed"
}

undo() {
  if [ ! -d "$state" ]; then
    say "nothing kept" "for $registry"
    return 0
  fi
  system=no
  for installed in "$state"/*.installed; do
    [ -e "$installed" ] || continue
    target=$(basename -- "$installed" .installed | tr % /)
    undo_file "$target"
    case "$target" in "$certs_d"/*) ;; *.crt) system=yes ;; esac
  done
  distrust_on_macos
  [ $dry_run = no ] || return 0
  if [ $system = yes ]; then
    find_trust_store
    $refresh_after_removal >/dev/null 2>&1 || fail "$refresh_after_removal failed: run it by hand to see why"
  fi
  if [ -e "$state/directories" ]; then
    awk '{ line[NR] = $0 } END { while (NR > 0) print line[NR--] }' "$state/directories" |
      while read -r directory; do rmdir -- "$directory" 2>/dev/null || :; done
  fi
  [ $failed = no ] || return 0
  rm -rf -- "$state"
  rmdir -- "$(dirname -- "$state")" 2>/dev/null || :
}

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
