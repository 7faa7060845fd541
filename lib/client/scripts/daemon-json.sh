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
