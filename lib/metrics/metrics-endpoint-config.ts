import { block } from "../proxy/conf/block";
import { temporaryFiles } from "../proxy/conf/temporary-files";
import { passToUpstream, upstreamDeclaration } from "../proxy/conf/upstream";

/** Everything that the endpoint's nginx.conf depends on. */
export interface MetricsEndpointConfig {
  readonly port: number;
  /** Where the metrics are, on both sides of the endpoint. */
  readonly path: string;
  /** The registry's debug server, `host:port`. */
  readonly debugAddress: string;
  /** For the health check, inside the container. */
  readonly healthAddress: string;
  /** Files with metrics that the registry does not know by itself; they need not be there. */
  readonly moreFiles: string[];
}

/** The text of nginx.conf of an endpoint for the metrics, and to nothing else that the registry's debug server has. */
export function renderMetricsEndpointConfig(config: MetricsEndpointConfig): string {
  const upstream = { address: config.debugAddress };
  const metrics = [
    ...passToUpstream(upstream),
    "# Whatever a client asked for: no other path, and no parameters.",
    `rewrite ^ ${config.path}? break;`,
    "proxy_max_temp_file_size 0;",
  ];
  const more = moreMetrics(config.moreFiles);
  return `${[
    "# Rendered by cdktf-docker-registry: a change made here is lost at the next deploy.",
    "",
    "worker_processes 1;",
    "pid /tmp/nginx.pid;",
    "error_log stderr warn;",
    "",
    ...block("events", ["worker_connections 256;"]),
    "",
    ...block("http", [
      "access_log off;",
      "server_tokens off;",
      "# The root file system is read-only.",
      ...temporaryFiles(),
      "",
      ...upstreamDeclaration(upstream),
      "",
      ...block("server", [
        `listen ${config.port};`,
        ...block(`location = ${config.path}`, [...metrics, ...more.lines]),
        ...more.locations,
        "",
        "# The debug server also shows the registry's settings with their passwords, and profiles of its process.",
        ...block("location /", ["return 404;"]),
      ]),
      "",
      ...block("server", [`listen ${config.healthAddress};`, ...block("location = /", metrics)]),
    ]),
  ].join("\n")}\n`;
}

/** The registry's answer has the metrics of its process; maintenance and the disk's guard write theirs into files. */
function moreMetrics(files: string[]): { lines: string[]; locations: string[] } {
  if (files.length === 0) {
    return { lines: [], locations: [] };
  }
  const uri = (i: number) => `/_more/${i}`;
  return {
    lines: [
      "",
      "# Nothing can be added to what is compressed, or has a last line.",
      "proxy_set_header Accept-Encoding '';",
      "proxy_set_header Accept '';",
      "# Its type has a version.",
      "addition_types *;",
      ...files.map((_, i) => `${i === 0 ? "add_after_body" : "add_before_body"} ${uri(i)};`),
    ],
    locations: [
      ...files.flatMap((file, i) =>
        block(`location = ${uri(i)}`, [
          "internal;",
          "default_type text/plain;",
          "log_not_found off;",
          "error_page 404 = @nothing;",
          `alias ${file};`,
        ]),
      ),
      ...block("location @nothing", ["return 204;"]),
    ],
  };
}
