empty_trash() {
  find "$trash" -maxdepth 1 -mindepth 1 -type d -mmin "+$((undoDays * 1440))" 2>/dev/null | while read -r old; do
    say "emptied from the trash: $(basename "$old")"
    rm -rf "$old"
  done
}

# While there is no room for pushes: the oldest first, until so many KiB are free. They cannot be undone any more.
make_room() {
  [ -n "$(ls "$trash" 2>/dev/null)" ] && [ ! -d "$ipc/maintaining" ] || exit 0
  lock
  for run in "$trash"/*; do
    [ "$(cat "$run/step" 2>/dev/null)" = "done" ] || continue
    [ "$(stat -f -c '%a %S' "$data" | { read -r blocks size && echo $((blocks * size / 1024)); })" -lt "$1" ] || break
    say "the disk is nearly full: $(basename "$run") was emptied from the trash and cannot be undone any more"
    rm -rf "$run"
  done
}
