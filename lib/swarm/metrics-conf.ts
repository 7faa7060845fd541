import { endpointConf } from "../metrics/endpoint-conf";
import { block } from "../proxy/conf/block";
import { DEBUG_PORT } from "../registry/debug-server";

/** Where the list of targets and what the endpoint tells by itself lie, and a file for each task. */
export const TOLD = "/tmp/told";

/** Everything that the endpoint's nginx.conf depends on. */
export interface TaskMetricsConfig {
  readonly port: number;
  /** Where the endpoint's own metrics are; everything else is below. */
  readonly path: string;
  readonly healthAddress: string;
  /** Kinds of tasks, and where these have their metrics. */
  readonly kinds: { readonly [kind: string]: string };
}

/** The text of nginx.conf of an endpoint that shows each task's metrics by themselves, and nothing else that tasks have. */
export function renderTaskMetricsConfig({ port, path, healthAddress, kinds }: TaskMetricsConfig): string {
  return endpointConf([
    "types {}",
    "if_modified_since off;",
    "max_ranges 0;",
    "",
    ...block("server", [
      `listen ${port};`,
      "# For http_sd_configs: each task is a target, asked by way of the address by which this list was asked for.",
      ...block(`location = ${path}/targets`, [
        "ssi on;",
        "ssi_types *;",
        "default_type application/json;",
        `alias ${TOLD}/targets.json;`,
      ]),
      ...block(`location = ${path}`, [
        'default_type "text/plain; version=0.0.4; charset=utf-8";',
        `alias ${TOLD}/own.prom;`,
      ]),
      ...Object.entries(kinds).flatMap(([kind, place]) =>
        block(`location ~ ^${path.replace(/\./g, "\\.")}/${kind}/(?<task>[0-9.]+)$`, [
          "# No other address of these networks.",
          ...block(`if (!-f ${TOLD}/${kind}/$task)`, ["return 404;"]),
          "# Whatever a client asked for: no other path, and no parameters.",
          `proxy_pass http://$task:${DEBUG_PORT}${place};`,
          "proxy_connect_timeout 2s;",
          "proxy_read_timeout 4s;",
          "proxy_max_temp_file_size 0;",
        ]),
      ),
      "",
      "# Debug servers also show the registry's settings with their passwords, and profiles of its process.",
      ...block("location /", ["return 404;"]),
    ]),
    "",
    ...block("server", [`listen ${healthAddress};`, ...block("location = /", ["return 200 'alive';"])]),
  ]);
}
