import { tellFiguresOf } from "../cache/figures";
import { FIGURES_USER, REDIS_PORT } from "../cache/redis-config";
import { LEDGER_MEDIA_TYPE } from "../registry/ledger";
import { TOLD } from "./metrics-conf";

/** A service whose tasks have metrics. */
export interface WatchedService {
  readonly kind: string;
  readonly name: string;
  /** What is told when it has no task. */
  readonly whenGone: string;
}

/** Everything that the list of targets depends on. */
export interface MetricsTargets {
  /** Name of the registry, a label of each sample. */
  readonly registry: string;
  /** Name of the endpoint's service. */
  readonly name: string;
  readonly path: string;
  readonly port: number;
  readonly services: WatchedService[];
  /** Name of the service of a Redis. */
  readonly cache?: string;
  /** `host:port` of what the registries tell each other, where garbage is collected. */
  readonly ledger?: string;
}

/** What became of the last collection, as the collector has written it down; every minute. */
function tellMaintenance(ledger: string, file: string): string {
  const ask = `curl -s --max-time 4 -H 'Accept: ${LEDGER_MEDIA_TYPE}' http://${ledger}/v2/runs/manifests/last`;
  const metric = "registry_maintenance_";
  return `  [ $((look % 12)) -eq 0 ] || return 0
  kept=$(${ask} | sed -n 's/.*"word":"\\([^"]*\\)".*/\\1/p') || return 0
  [ -z "$kept" ] || echo "$kept" | tr , '\\n' | awk -F= '$1 ~ /^[a-z_]+$/ && $1 != "handled" && $2 ~ /^[0-9.]+$/ {
    printf "# HELP ${metric}%s Of the last collection.\\n# TYPE ${metric}%s gauge\\n${metric}%s %s\\n", $1, $1, $1, $2
  }' >${file}.new && mv ${file}.new ${file}`;
}

/**
 * Shell commands that write the list of targets again and again, until the task ends. The engine's DNS has the address of
 * each task that is healthy, on the networks that the asking task is on too.
 */
export function tellTargets({ registry, name: own, path, port, services, cache, ledger }: MetricsTargets): string {
  const maintenance = `${TOLD}/maintenance.prom`;
  const ask = `printf 'AUTH ${FIGURES_USER} ${FIGURES_USER}\\r\\nINFO\\r\\nQUIT\\r\\n' | curl -s --max-time 4 telnet://${cache}:${REDIS_PORT}`;
  const figures = `${TOLD}/cache.prom`;
  return `mkdir -p ${services.map(({ kind }) => `${TOLD}/${kind}`).join(" ")}
: >${TOLD}/own.prom
echo '[]' >${TOLD}/targets.json
own='<!--# echo var="http_host" -->'
target() {
  printf '{"targets":["%s"],"labels":{"__metrics_path__":"%s","instance":"%s","service":"%s","registry":"${registry}"}}' "$own" "$1" "$2" "$3"
}
# One of the two is in each image; the second one begins with the server that it asks.
addresses() {
  { getent ahostsv4 "$1" || nslookup "$1" | sed '1,/^$/d'; } 2>/dev/null |
    awk 'match($0, /[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+/) { print substr($0, RSTART, RLENGTH) }' | sort -u
}
# Its tasks, and what is told of it by itself.
tell_service() {
  tasks=$(addresses "tasks.$2")
  count=0
  for task in $tasks; do
    : >"${TOLD}/$1/$task"
    printf ',\\n'
    target "${path}/$1/$task" "$task" "$2"
    count=$((count + 1))
  done
  for file in "${TOLD}/$1"/*; do
    echo "$tasks" | grep -qxF "\${file##*/}" || rm -f "$file"
  done
  echo "registry_tasks{service=\\"$2\\"} $count" >>${TOLD}/own.new
  [ $count -gt 0 ] || echo "$3" >>${TOLD}/own.new
}
tell_targets() {
  printf '# HELP registry_tasks Tasks that answer.\\n# TYPE registry_tasks gauge\\n' >${TOLD}/own.new
  {
    printf '[\\n'
    target ${path} "$(hostname):${port}" ${own}
${services.map(({ kind, name, whenGone }) => `    tell_service ${kind} ${name} '${whenGone}'`).join("\n")}
    printf '\\n]\\n'
  } >${TOLD}/targets.new
  for file in ${figures} ${maintenance}; do [ ! -e $file ] || cat $file >>${TOLD}/own.new; done
  mv ${TOLD}/own.new ${TOLD}/own.prom
  mv ${TOLD}/targets.new ${TOLD}/targets.json
}
tell_cache() {
  ${cache === undefined ? ":" : tellFiguresOf(ask, figures)}
}
tell_maintenance() {
${ledger === undefined ? "  :" : tellMaintenance(ledger, maintenance)}
}
look=0
while :; do
  tell_cache
  tell_maintenance
  tell_targets
  look=$((look + 1))
  sleep 5
done &`;
}
