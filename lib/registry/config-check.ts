import { CONFIG_FOLDER } from "../docker/config-volume";
import { LOCAL_DEBUG_ADDRESS } from "./debug-server";

/** Those that make no call before the first request; others may, and the writer has no network for it. */
const TRIED_STORAGE = ["filesystem", "inmemory", "s3"];

/**
 * Tries config.yml and the files beside it; run by the config writer in the folder that holds them.
 *
 * The registry has no option for that, but its start reads everything and ends with a message when something is wrong.
 * Not tried is what takes a network: the upstream of a mirror, and the drivers of storages other than S3's.
 *
 * @param config keys of config.yml
 * @param folders what the registry mounts beside its configuration; here they are empty
 */
export function registryCheck(config: { readonly [key: string]: any }, folders: string[]): string {
  if (!TRIED_STORAGE.some((driver) => driver in (config.storage ?? {}))) {
    return "true";
  }
  // A file in a volume that is not mounted here tells nothing.
  const notHere = folders.length > 0 ? ` || grep -Eq '(${folders.join("|")})/.*: no such file' .said` : "";
  return `mkdir -p ${[CONFIG_FOLDER, ...folders].join(" ")}
# What it says at this level may hold secrets, and stays in the folder that the writer removes.
: > .said
sed "s#${CONFIG_FOLDER}/current/#$PWD/#g" config.yml |
  REGISTRY_LOG_LEVEL=info REGISTRY_PROXY_REMOTEURL=''${debugServer(config)} registry serve /dev/stdin > .said 2>&1 &
registry=$!
tries=0
until grep -q 'listening on' .said || ! kill -0 $registry 2>/dev/null || [ $tries -ge 200 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
# Its debug server, started beside it, fails a moment later.
sleep 0.3
kill -KILL $registry 2>/dev/null
wait $registry 2>/dev/null
ended=$?
# 137: it ran until it was killed.
if [ $ended -eq 137 ]${notHere}; then
  rm .said
else
  echo "registry serve: exit code $ended" >&2
  # Its last words: no stack, no usage, and neither values nor lines of the log that may hold secrets.
  sed -e '/^goroutine /,$d' -e '/^Usage:/,$d' .said |
    grep -Ev 'level"?[=:]"?(debug|info|warn)' |
    sed -e 's# \`[^\`]*\`##g' -e 's#/dev/stdin#config.yml#g' -e "s#$PWD/##" |
    grep . | cut -c 1-300 | head -n 5 >&2
  false
fi`;
}

/** On a network the debug server listens at a name that only the engine knows. */
function debugServer({ http }: { readonly [key: string]: any }): string {
  const isOnNetwork = /^(?!127\.0\.0\.1)[^:]+:\d+$/.test(http?.debug?.addr ?? "");
  return isOnNetwork ? ` REGISTRY_HTTP_DEBUG_ADDR=${LOCAL_DEBUG_ADDRESS}` : "";
}
