# In a container that is made for it, as root: a new volume belongs to root.
restore() {
  cache=--no-cache
  [ -d "$restore" ] || refuse "there is no volume at $restore"
  [ -z "$(find "$restore" -mindepth 1 ! -name lost+found ! -name '.owned-by-*' | head -n 1)" ] ||
    refuse "the volume at $restore is not empty"
  wanted=${1:-}
  home=$(mktemp -d)
  export TMPDIR="$home"
  if [ -n "$wanted" ]; then
    id=$(ids --tag complete "$wanted" | tail -n 1)
  else
    id=$(ids --tag complete --host "$name" | tail -n 1)
  fi
  [ -n "$id" ] || refuse "there is no complete backup ${wanted:-of $name}: $(why)"
  # The repository's name for each half, which belong into one volume.
  for half in "$data" /links; do
    if ! run_restic restore --quiet "$id:$half" --target "$restore" 2>"$home/errors"; then
      say "restic failed: $(why)"
      exit 1
    fi
  done
  # Blobs that no link names were on their way when the backup was taken, and may not be whole.
  digests_in "$restore/$tree/repositories" >"$home/named"
  find "$restore/$tree/blobs/sha256" -mindepth 2 -maxdepth 2 -type d |
    awk 'what == "named" { named[$0] = 1 }
      what == "blobs" { parts = split($0, path, "/"); if (!(("sha256:" path[parts]) in named)) print }' \
      what=named "$home/named" what=blobs - | tr '\n' '\0' | xargs -0 rm -rf
  # The registry that is given the volume forgets what it knew of the one before.
  mkdir -p "$restore/maintenance"
  : >"$restore/maintenance/restored"
  chown "$owner:$owner" "$restore"
  "$config/bin/check-restored" check --full >"$home/found" 2>&1
  sound=$?
  chown -R "$owner:$owner" "$restore/maintenance"
  sed 's/^maintenance: /backup: restored: /' "$home/found"
  [ "$sound" -eq 0 ] || exit 1
  say "restored $id"
}
refuse() {
  echo "backup: $1" >&2
  exit 64
}
