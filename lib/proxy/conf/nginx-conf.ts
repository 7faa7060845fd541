import type { BlobFiles } from "../../registry/blobs";
import { acceleratedPulls } from "./acceleration";
import { allLogs } from "./access-log";
import { block } from "./block";
import { connections, type NginxConnections } from "./connections";
import { directPulls, type NginxDirectPulls } from "./direct-pulls";
import { type DiskFiles, diskGuard, REGISTRY_OR_REFUSAL } from "./disk-guard";
import { errorPages, registryErrorPages } from "./error-pages";
import type { NginxFragment, NginxLines } from "./fragment";
import { immutableTags } from "./immutable-tags";
import { addedHeaders, furtherLocations } from "./locations";
import { loginLimit } from "./login-limit";
import { importScripts, loadModules, onlyWithNjs } from "./njs";
import { QUOTA_OR_REGISTRY, repositoryQuotas } from "./quotas";
import { REGISTRY_BY_METHOD, repeatedDeletes } from "./repeated-deletes";
import { temporaryFiles } from "./temporary-files";
import { trust } from "./trusted-proxies";
import { type NginxUpstream, passToUpstream, upstreamDeclaration } from "./upstream";
import { GATE_OR_REGISTRY, writeGate } from "./write-gate";

/** Everything that nginx.conf depends on. */
export interface NginxConfig extends NginxConnections {
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
  /** Requests with one login that are answered at a time; no limit when left out. */
  readonly connectionsPerLogin?: number;
  /** Addresses and networks whose word on a client's address counts. */
  readonly trustedProxies?: string[];
  readonly upstreamTimeoutSeconds: number;
  readonly fragments: NginxFragment[];
  /** Blobs that nginx sends by itself; all of them come from the registry when left out. */
  readonly blobs?: BlobFiles;
  /** How pulls are answered from those files alone; the registry is asked each time when left out. */
  readonly directPulls?: Pick<NginxDirectPulls, "registryHeaders" | "hasTags" | "hasFacts">;
  /** Exists while nobody may write to the registry; it takes pushes at any time when left out. */
  readonly windowFile?: string;
  /** Tell how much room its disk has; nobody looks when left out. */
  readonly diskFiles?: DiskFiles;
  /** Whether some tags stay once they are there. */
  readonly hasImmutableTags?: boolean;
  /** Where the registry's data is mounted, if its repositories have quotas. */
  readonly quotasOfData?: string;
  /** Lines of the user's own for the public server. */
  readonly extraServerDirectives: string[];
}

/** The health server's address, inside the proxy's container; a port, since wget knows no sockets. */
export const HEALTH_ADDRESS = "127.0.0.1:8079";

/** The text of nginx.conf. */
export function renderNginxConfig(config: NginxConfig): string {
  const { upstream, quotasOfData, upstreamTimeoutSeconds: timeoutSeconds } = config;
  const deletes = repeatedDeletes(upstream, timeoutSeconds);
  const errors = errorPages(config.url);
  const quotas = quotasOfData ? [repositoryQuotas({ upstream, rootDirectory: quotasOfData, timeoutSeconds })] : [];
  const otherwise = quotaOrRegistry(config);
  const { windowFile: window } = config;
  const gate = window ? [writeGate({ window, upstream, timeoutSeconds, otherwise })] : [];
  const guard = config.diskFiles ? [diskGuard(config.diskFiles, gateOrRegistry(config))] : [];
  const limit = loginLimit(config.connectionsPerLogin);
  const others = [errors, ...limit, ...config.fragments, ...accelerated(config), deletes, ...quotas, ...gate, ...guard];
  const fragments = config.hasImmutableTags ? [...others, guardOfTags(config, others)] : others;
  const all = (part: NginxLines) => fragments.flatMap((fragment) => fragment[part] ?? []);
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
      ...allLogs(all("log")),
      "",
      "# Said before the first map: room for thousands of users with long names.",
      "map_hash_bucket_size 256;",
      "map_hash_max_size 8192;",
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

function guardOfTags(config: NginxConfig, others: NginxFragment[]): NginxFragment {
  return immutableTags({
    upstream: config.upstream,
    checks: [...others.flatMap(({ registry }) => registry ?? []), ...registryErrorPages()],
    proxying: (address) => proxying(config, address),
  });
}

function accelerated(config: NginxConfig): NginxFragment[] {
  if (!config.blobs) {
    return [];
  }
  const rootDirectory = config.blobs.mount.containerPath;
  const serverHeaders = addedHeaders(config.fragments, config.extraServerDirectives);
  const { redirectHost, headers } = config.blobs;
  const checks = config.fragments.flatMap(({ registry }) => registry ?? []);
  return [
    acceleratedPulls({ redirectHost, rootDirectory, registryHeaders: headers, serverHeaders }),
    ...(config.directPulls ? [directPulls({ ...config.directPulls, rootDirectory, serverHeaders, checks })] : []),
  ];
}

function apiVersion(): string[] {
  return [
    "# Some answers come from the registry and have the header, some from nginx and need it.",
    ...block("map $sent_http_docker_distribution_api_version $api_version", ["'' 'registry/2.0';", "default '';"]),
  ];
}

function publicServer(config: NginxConfig, all: (part: NginxLines) => string[]): string[] {
  return [
    `listen ${config.listen};`,
    `server_name ${config.host};`,
    "# The container's port is not the one that clients use.",
    "absolute_redirect off;",
    "add_header Docker-Distribution-Api-Version $api_version always;",
    ...trust(config.trustedProxies ?? []),
    ...all("server"),
    ...config.extraServerDirectives,
    "",
    `limit_conn addresses ${config.connectionsPerAddress};`,
    "",
    ...block("location /v2/", [...all("registry"), ...registryErrorPages(), "", ...proxying(config)]),
    ...furtherLocations(config.fragments, addedHeaders(config.fragments, config.extraServerDirectives)),
    "",
    "# Nothing but the registry's API is served.",
    ...block("location /", ["return 404;"]),
  ];
}

/** @param address what is asked for; the request's own address when left out */
function proxying(config: NginxConfig, address = ""): string[] {
  const target = config.diskFiles ? REGISTRY_OR_REFUSAL : gateOrRegistry(config);
  return [
    ...passToUpstream(config.upstream, `${target}${address}`),
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

function gateOrRegistry(config: NginxConfig): string {
  return config.windowFile ? GATE_OR_REGISTRY : quotaOrRegistry(config);
}

function quotaOrRegistry({ quotasOfData }: NginxConfig): string {
  return quotasOfData ? QUOTA_OR_REGISTRY : REGISTRY_BY_METHOD;
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
