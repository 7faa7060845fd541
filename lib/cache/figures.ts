import { CONFIG_FOLDER } from "../docker/config-volume";
import { REDIS_SOCKET } from "./redis-config";

/** Where a Redis writes its figures; a volume is mounted there. */
export const FIGURES_FOLDER = "/run/figures";

/** The file in it, in Prometheus' text format. */
export const FIGURES_FILE = "cache.prom";

/** What of Redis' own figures is told, and as what. */
const FIGURES: [string, string, string, string][] = [
  ["used_memory", "used_memory_bytes", "gauge", "Memory that Redis uses."],
  ["maxmemory", "max_memory_bytes", "gauge", "Memory from which on it forgets."],
  ["connected_clients", "connected_clients", "gauge", "Connections of registries."],
  ["keyspace_hits", "hits_total", "counter", "Keys that were asked for and there."],
  ["keyspace_misses", "misses_total", "counter", "Keys that were asked for and not there."],
  ["evicted_keys", "evicted_keys_total", "counter", "Keys that were forgotten for lack of room."],
  ["rejected_connections", "rejected_connections_total", "counter", "Connections beyond maxClients."],
];

/** Shell commands that write them; when Redis does not answer, the file stays as it was, and its time tells that. */
export function tellFigures(): string {
  const ask = `REDISCLI_AUTH=$(cat ${CONFIG_FOLDER}/current/password) timeout 5 redis-cli -s ${REDIS_SOCKET} INFO`;
  return tellFiguresOf(ask, `${FIGURES_FOLDER}/${FIGURES_FILE}`);
}

/**
 * The same of any Redis; the body of a shell function.
 *
 * @param ask shell command that shows Redis' answer to INFO
 */
export function tellFiguresOf(ask: string, file: string): string {
  const rules = FIGURES.map(
    ([field, name, type, help]) =>
      `$1 == "${field}" { printf "# HELP registry_cache_${name} ${help}\\n# TYPE registry_cache_${name} ${type}\\nregistry_cache_${name} %s\\n", $2 }`,
  );
  const seen = `printf '# HELP registry_cache_last_seen_timestamp_seconds When Redis last answered.\\n# TYPE registry_cache_last_seen_timestamp_seconds gauge\\nregistry_cache_last_seen_timestamp_seconds %s\\n' "$(date +%s)"`;
  return `info=$(${ask} 2>/dev/null) || return 0
  case $info in *used_memory:*) ;; *) return 0 ;; esac
  {
    printf '%s\\n' "$info" | tr -d '\\r' | awk -F: '${rules.join("\n")}'
    ${seen}
  } >${file}.new && mv ${file}.new ${file}`;
}
