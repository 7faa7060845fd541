import type { BlobFiles } from "../../registry/blobs";
import { acceleratedPulls } from "./acceleration";
import { block } from "./block";
import { directPulls, type NginxDirectPulls } from "./direct-pulls";
import { type DiskFiles, diskGuard, REGISTRY_OR_REFUSAL } from "./disk-guard";
import { errorPages, registryErrorPages, TOO_MANY_CONNECTIONS } from "./error-pages";
import type { NginxFragment } from "./fragment";
import { importScripts, loadModules, onlyWithNjs } from "./njs";
import { REGISTRY_BY_METHOD, repeatedDeletes } from "./repeated-deletes";
import { temporaryFiles } from "./temporary-files";
import { type NginxUpstream, passToUpstream, upstreamDeclaration } from "./upstream";
import { GATE_OR_REGISTRY, writeGate } from "./write-gate";

/** Everything that nginx.conf depends on. */
export interface NginxConfig {
  /** `listen` of the public server, such as `8080` or `8443 ssl`. */
  readonly listen: string;
  /** Name in `server_name`. */
  readonly host: string;
  /** The address that clients use. */
  readonly url: string;
  /** Scheme that the registry puts into the `Location` of its answers. */
  readonly scheme: string;
  readonly upstream: NginxUpstream;
  readonly workerConnections: number;
  /** Requests of one address that are answered at a time. */
  readonly connectionsPerAddress: number;
  /** 0: no limit. */
  readonly bodyLimitMiB: number;
  readonly headerTimeoutSeconds: number;
  readonly bodyTimeoutSeconds: number;
  readonly upstreamTimeoutSeconds: number;
  readonly keepaliveTimeoutSeconds: number;
  readonly fragments: NginxFragment[];
  /** Blobs that nginx sends by itself; all of them come from the registry when left out. */
  readonly blobs?: BlobFiles;
  /** How pulls are answered from those files alone; the registry is asked each time when left out. */
  readonly directPulls?: Pick<NginxDirectPulls, "registryHeaders" | "hasTags">;
  /** Exists while nobody may write to the registry; it takes pushes at any time when left out. */
  readonly windowFile?: string;
  /** Tell how much room its disk has; nobody looks when left out. */
  readonly diskFiles?: DiskFiles;
  /** Lines of the user's own for the public server. */
  readonly extraServerDirectives: string[];
}

/** The health server's address, inside the proxy's container; a port, since wget knows no sockets. */
export const HEALTH_ADDRESS = "127.0.0.1:8079";

/** The text of nginx.conf. */
export function renderNginxConfig(config: NginxConfig): string {
  const deletes = repeatedDeletes(config.upstream, config.upstreamTimeoutSeconds);
  const errors = errorPages(config.url);
  const gate = config.windowFile ? [writeGate(config.windowFile, config.upstreamTimeoutSeconds)] : [];
  const guard = config.diskFiles ? [diskGuard(config.diskFiles, gateOrRegistry(config))] : [];
  const fragments = [errors, ...config.fragments, ...accelerated(config), deletes, ...gate, ...guard];
  const all = (part: keyof NginxFragment) => fragments.flatMap((fragment) => fragment[part] ?? []);
  const scripts = [...new Set(all("scripts"))];
  const optionalScripts = [...new Set(all("optionalScripts"))].filter((name) => !scripts.includes(name));
  return `${[
    "# Rendered by cdktf-docker-registry: a change made here is lost at the next deploy.",
    "",
    ...loadModules(scripts, optionalScripts),
    "worker_processes auto;",
    "pid /tmp/nginx.pid;",
    "error_log stderr warn;",
    "",
    "# For each connection that a worker may have, also a file that it sends there.",
    `worker_rlimit_nofile ${2 * config.workerConnections + 512};`,
    "",
    // No multi_accept: with it one worker takes a whole burst of connections, and the other cores are idle.
    ...block("events", [`worker_connections ${config.workerConnections};`]),
    "",
    ...block("http", [
      ...all("log"),
      "",
      ...connections(config),
      "",
      "# The root file system is read-only; nothing below is used for layers.",
      ...temporaryFiles(),
      "",
      ...upstreamDeclaration(config.upstream),
      "",
      ...apiVersion(),
      ...separated([...importScripts(scripts), ...onlyWithNjs(importScripts(optionalScripts))]),
      ...fragments.flatMap(({ http }) => separated(http ?? [])),
      "",
      ...block("server", publicServer(config, all)),
      ...fragments.flatMap(({ servers }) => separated(servers ?? [])),
      "",
      ...healthServer(config, all("health")),
    ]),
  ].join("\n")}\n`;
}

function accelerated(config: NginxConfig): NginxFragment[] {
  if (!config.blobs) {
    return [];
  }
  const serverLines = [...config.fragments.flatMap(({ server }) => server ?? []), ...config.extraServerDirectives];
  const rootDirectory = config.blobs.mount.containerPath;
  const serverHeaders = serverLines.filter((line) => /^add_header\s/.test(line));
  const { redirectHost, headers } = config.blobs;
  const checks = config.fragments.flatMap(({ registry }) => registry ?? []);
  return [
    acceleratedPulls({ redirectHost, rootDirectory, registryHeaders: headers, serverHeaders }),
    ...(config.directPulls ? [directPulls({ ...config.directPulls, rootDirectory, serverHeaders, checks })] : []),
  ];
}

function connections(config: NginxConfig): string[] {
  return [
    "default_type application/octet-stream;",
    "charset utf-8;",
    "server_tokens off;",
    "sendfile on;",
    "tcp_nopush on;",
    `keepalive_timeout ${config.keepaliveTimeoutSeconds}s;`,
    "# A client that pulls many small layers keeps its connection.",
    "keepalive_requests 10000;",
    "reset_timedout_connection on;",
    "# Bearer and basic credentials of some clients are longer than the default buffers.",
    "large_client_header_buffers 4 32k;",
    `client_header_timeout ${config.headerTimeoutSeconds}s;`,
    `client_body_timeout ${config.bodyTimeoutSeconds}s;`,
    `send_timeout ${config.bodyTimeoutSeconds}s;`,
    "# What one address may have of the connections: nobody can take them all.",
    "limit_conn_zone $binary_remote_addr zone=addresses:4m;",
    `limit_conn_status ${TOO_MANY_CONNECTIONS};`,
    "# Layers have no size that one could guess: 0 is no limit.",
    `client_max_body_size ${config.bodyLimitMiB === 0 ? "0" : `${config.bodyLimitMiB}m`};`,
  ];
}

function apiVersion(): string[] {
  return [
    "# Said before the first map: room for thousands of users with long names.",
    "map_hash_bucket_size 256;",
    "map_hash_max_size 8192;",
    "",
    "# Some answers come from the registry and have the header, some from nginx and need it.",
    ...block("map $sent_http_docker_distribution_api_version $api_version", ["'' 'registry/2.0';", "default '';"]),
  ];
}

function publicServer(config: NginxConfig, all: (part: keyof NginxFragment) => string[]): string[] {
  return [
    `listen ${config.listen};`,
    `server_name ${config.host};`,
    "# The container's port is not the one that clients use.",
    "absolute_redirect off;",
    "add_header Docker-Distribution-Api-Version $api_version always;",
    ...all("server"),
    ...config.extraServerDirectives,
    "",
    `limit_conn addresses ${config.connectionsPerAddress};`,
    "",
    ...block("location /v2/", [...all("registry"), ...registryErrorPages(), "", ...proxying(config)]),
    "",
    "# Nothing but the registry's API is served.",
    ...block("location /", ["return 404;"]),
  ];
}

function proxying(config: NginxConfig): string[] {
  return [
    ...passToUpstream(config.upstream, config.diskFiles ? REGISTRY_OR_REFUSAL : gateOrRegistry(config)),
    "",
    "# The registry makes absolute Locations of these, and writes the address into its log and events:",
    "# with the port, and not what a client claims.",
    "proxy_set_header Host $http_host;",
    `proxy_set_header X-Forwarded-Proto ${config.scheme};`,
    "proxy_set_header X-Forwarded-For $remote_addr;",
    "proxy_set_header X-Real-IP $remote_addr;",
    "proxy_set_header X-Forwarded-Host '';",
    "proxy_set_header X-Forwarded-Port '';",
    "proxy_set_header Forwarded '';",
    "proxy_redirect off;",
    "",
    "# Uploads go straight through: no copy of a layer on the proxy's disk, no wait for its end.",
    "proxy_request_buffering off;",
    "# In pieces of this size; with the default of 16k a push takes twice the CPU time.",
    "client_body_buffer_size 1m;",
    "# Downloads are buffered, in memory only: without buffers they take twice the time.",
    "# No more of them: a client that reads slowly fills them all, and 4 are as fast as 16.",
    "proxy_buffer_size 256k;",
    "proxy_buffers 4 256k;",
    "proxy_busy_buffers_size 512k;",
    "proxy_max_temp_file_size 0;",
    "",
    "# A registry may take minutes to verify a big layer before it answers.",
    `proxy_read_timeout ${config.upstreamTimeoutSeconds}s;`,
    `proxy_send_timeout ${config.upstreamTimeoutSeconds}s;`,
  ];
}

function gateOrRegistry({ windowFile }: NginxConfig): string {
  return windowFile ? GATE_OR_REGISTRY : REGISTRY_BY_METHOD;
}

function healthServer(config: NginxConfig, more: string[]): string[] {
  return [
    "# For the health check only: the whole way to the registry, past users and logs.",
    ...block("server", [
      `listen ${HEALTH_ADDRESS};`,
      "access_log off;",
      ...block("location = /", [
        ...passToUpstream(config.upstream),
        "proxy_set_header Host localhost;",
        "proxy_read_timeout 3s;",
      ]),
      ...more,
    ]),
  ];
}

function separated(lines: string[]): string[] {
  return lines.length > 0 ? ["", ...lines] : [];
}
