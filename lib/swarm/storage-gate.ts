/** No repository is called that; one that was would pass as well. */
const UNKNOWN = "/v2/cdktf-docker-registry/storage-check/manifests/none";

const HAS_READ = "/tmp/has-read-storage";

/**
 * The health command of a replica that is healthy only once it has read from the storage: a wrong key or bucket ends an update
 * at its first replica. The registry's own check would say so after half a minute.
 *
 * @param config of the registry, merged
 */
export function registryReadsStorage(healthCommand: string[], config: { readonly [key: string]: any }): string[] {
  const { addr, tls, prefix } = config.http;
  const port = /:(\d+)$/.exec(addr)?.[1];
  if (port === undefined || tls || prefix || config.auth) {
    return healthCommand;
  }
  const [kind, ask] = healthCommand;
  const url = `http://127.0.0.1:${port}${UNKNOWN}`;
  const read = `if command -v curl >/dev/null; then curl -s -o /dev/null -D - --max-time 4 "${url}"; else wget -S -O /dev/null -T 4 "${url}" 2>&1; fi | grep -Eq ' (200|404)'`;
  return [kind, `${ask} && { test -e ${HAS_READ} || { { ${read}; } && touch ${HAS_READ}; }; }`];
}
