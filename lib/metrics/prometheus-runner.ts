import { FOLLOW_CONFIG, httpGet, httpText, NOTE_CONFIG, readerHealthCommand } from "../docker/config-follower";
import { CONFIG_FOLDER } from "../docker/config-volume";

export const PROMETHEUS_PORT = 9090;

/** Where Prometheus keeps what it has seen; a volume is mounted there. */
export const TSDB_FOLDER = "/prometheus";

const CONFIG = `${CONFIG_FOLDER}/current/prometheus.yml`;
const ORIGIN = `http://127.0.0.1:${PROMETHEUS_PORT}`;

/** Tries prometheus.yml and the files that it names; run by the config writer in their folder. */
export const PROMETHEUS_CHECK = "promtool check config prometheus.yml";

export const PROMETHEUS_HEALTH = readerHealthCommand(`{ ${httpGet(`${ORIGIN}/-/ready`)}; }`);

/** Starts Prometheus and has it take over changed files; the container's first process. */
export function prometheusRunner(retentionDays: number): string {
  return `${NOTE_CONFIG}
prometheus --config.file=${CONFIG} --storage.tsdb.path=${TSDB_FOLDER} --storage.tsdb.retention.time=${retentionDays}d &
prometheus=$!
trap 'kill -TERM "$prometheus"' TERM QUIT INT
runs() { kill -0 "$prometheus" 2>/dev/null; }
reloaded() {
  { ${httpText(`${ORIGIN}/metrics`)}; } 2>/dev/null | sed -n 's/^prometheus_config_last_reload_success_timestamp_seconds //p'
}
take_over() {
  promtool check config ${CONFIG} || return 1
  before=$(reloaded)
  kill -HUP "$prometheus" || return 1
  tries=0
  until now=$(reloaded) && [ -n "$now" ] && [ "$now" != "$before" ]; do
    tries=$((tries + 1))
    [ $tries -le 100 ] || return 1
    sleep 0.2
  done
}
let_go() { :; }
${FOLLOW_CONFIG}
wait "$prometheus"
`;
}
