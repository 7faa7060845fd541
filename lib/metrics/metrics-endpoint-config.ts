import { block } from "../proxy/conf/block";
import { passToUpstream, upstreamDeclaration } from "../proxy/conf/upstream";
import { endpointConf } from "./endpoint-conf";

/** Everything that the endpoint's nginx.conf depends on. */
export interface MetricsEndpointConfig {
  readonly port: number;
  /** Where the metrics are, on both sides of the endpoint. */
  readonly path: string;
  /** The registry's debug server, `host:port`. */
  readonly debugAddress: string;
  /** For the health check, inside the container. */
  readonly healthAddress: string;
  /** The file that names all that is shown; see `renderMetricsPage`. */
  readonly page: string;
  /** What the registry's process does not know by itself. */
  readonly sources: MetricsEndpointSource[];
}

/** Metrics in a file that need not be there, or behind a socket that need not answer. */
export interface MetricsEndpointSource {
  readonly name: string;
  /** Absolute path of the file, or of the socket. */
  readonly path: string;
  readonly isSocket?: boolean;
  /** Shown while the socket does not answer. */
  readonly otherwise?: string;
}

const REGISTRY = "registry";

const REGISTRY_IS_DOWN = [
  "# HELP registry_up 1 when the registry answers.",
  "# TYPE registry_up gauge",
  "registry_up 0",
];

/** The page that nginx puts together: a line for each place that metrics come from. */
export function renderMetricsPage(sources: MetricsEndpointSource[]): string {
  return [REGISTRY, ...sources.map(({ name }) => name)]
    .map((name) => `<!--# include virtual="${uriOf(name)}" -->\n`)
    .join("");
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
  return endpointConf([
    "",
    ...upstreamDeclaration(upstream),
    "# The name of a registry that is down leads nowhere; the rest is shown all the same.",
    "resolver_timeout 1s;",
    "",
    ...block("server", [
      `listen ${config.port};`,
      "# Put together of all that is there: whatever does not answer is left out.",
      ...block(`location = ${config.path}`, [
        "ssi on;",
        "ssi_types *;",
        "types {}",
        'default_type "text/plain; version=0.0.4; charset=utf-8";',
        "if_modified_since off;",
        "max_ranges 0;",
        `alias ${config.page};`,
      ]),
      ...block(`location = ${uriOf(REGISTRY)}`, [
        "internal;",
        ...metrics,
        "# Nothing can be added to what is compressed, or has a last line.",
        "proxy_set_header Accept-Encoding '';",
        "proxy_set_header Accept '';",
        "proxy_read_timeout 4s;",
        "error_page 502 503 504 = @registry_is_down;",
      ]),
      ...block("location @registry_is_down", [`return 200 '${REGISTRY_IS_DOWN.join("\\n")}\\n';`]),
      ...config.sources.flatMap(sourceLocations),
      ...block("location @nothing", ["return 200 '';"]),
      "",
      "# The debug server also shows the registry's settings with their passwords, and profiles of its process.",
      ...block("location /", ["return 404;"]),
    ]),
    "",
    ...block("server", [`listen ${config.healthAddress};`, ...block("location = /", metrics)]),
  ]);
}

function sourceLocations({ name, path, isSocket, otherwise }: MetricsEndpointSource): string[] {
  if (!isSocket) {
    return block(`location = ${uriOf(name)}`, [
      "internal;",
      "default_type text/plain;",
      "log_not_found off;",
      "error_page 403 404 = @nothing;",
      `alias ${path};`,
    ]);
  }
  const isDown = `@${name}_is_down`;
  return [
    ...block(`location = ${uriOf(name)}`, [
      "internal;",
      `proxy_pass http://unix:${path}:/;`,
      "proxy_pass_request_headers off;",
      "proxy_read_timeout 4s;",
      "proxy_max_temp_file_size 0;",
      `error_page 502 503 504 = ${isDown};`,
    ]),
    ...block(`location ${isDown}`, [`return 200 '${(otherwise ?? "").replace(/\n/g, "\\n")}';`]),
  ];
}

function uriOf(name: string): string {
  return `/_sources/${name}`;
}
