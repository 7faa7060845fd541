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
