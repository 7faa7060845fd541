import type { RepositoryQuota } from "../../registry/repository-quota";
import { block } from "./block";
import { errorBody } from "./error-body";
import type { NginxFragment } from "./fragment";
import { scriptObject } from "./njs";
import { REGISTRY_BY_METHOD } from "./repeated-deletes";
import { straightThrough } from "./straight-through";
import { type NginxUpstream, passToUpstream, upstreamUrl } from "./upstream";

/** Scripts in the order in which they need each other; nginx.conf calls the last one. */
export const QUOTAS_SCRIPTS = ["policy", "request", "quota-ledger", "quotas"];

/** The quotas, as people read them in a plan. */
export const QUOTAS = "quotas.json";

/** Where a script writes what is used, inside the proxy's container. */
export const COUNTED_FOLDER = "/tmp/quotas";

/** Shell command that shows which quotas allow less than is there, if any do. */
export const SHOW_EXCEEDED_QUOTAS = `{ cat ${COUNTED_FOLDER}/exceeded 2>/dev/null || :; }`;

/** In the location that hands requests to the registry: where a request goes, by what it would add. */
export const QUOTA_OR_REGISTRY = "$quota_or_registry";

const SCRIPT = "quotas";
const QUOTA_SOCKET = "/tmp/quota.sock";

/** What quotas depend on. */
export interface NginxQuotas {
  readonly upstream: NginxUpstream;
  /** Where the registry's data is mounted. */
  readonly rootDirectory: string;
  readonly timeoutSeconds: number;
}

/** A quota a line: what a change of them means is to be read in the plan. */
export function quotasFile(quotas: RepositoryQuota[]): string {
  const lines = quotas.map(({ repositories, maxMiB, maxTags }) => {
    const limits = Object.entries({ maxMiB, maxTags }).filter(([, limit]) => limit !== undefined);
    const text = limits.map(([name, limit]) => `, "${name}": ${limit}`).join("");
    return `  {"repositories": ${JSON.stringify(repositories)}${text}}`;
  });
  return `[\n${lines.join(",\n")}\n]\n`;
}

/**
 * Quotas of repositories. What would add a blob, a manifest or a tag goes by a server of nginx' own, which asks a script
 * before it reads the body, and tells it when the registry has answered. The data of a layer, as most clients send it before
 * they name its digest, goes straight to the registry.
 */
export function repositoryQuotas({ upstream, rootDirectory, timeoutSeconds }: NginxQuotas): NginxFragment {
  const script = scriptObject(SCRIPT);
  return {
    scripts: [SCRIPT],
    http: [
      "# Quotas of repositories.",
      `js_preload_object repository_quotas from ${QUOTAS};`,
      "# What is being pushed and not counted yet: all workers share it, and a reload keeps it.",
      "js_shared_dict_zone zone=quotas:1m type=number;",
      "# Why a request is refused, where it is told so, and what is kept for it meanwhile.",
      ...["quota_sentence", "quota_refusal", "quota_kept"].map((name) => `js_var $${name};`),
      `js_set $quota_kind ${script}.kind;`,
      `js_set $quota_settled ${script}.settle;`,
      "# Not volatile: for the log it is what it was when a request was refused.",
      ...block("map $upstream_http_x_quota $refused_quota", ["default $upstream_http_x_quota;"]),
      "# The script is not asked about pulls.",
      ...block("map $request_method $has_quota", ["PUT $quota_kind;", "POST $quota_kind;", "default '';"]),
      ...block(`map $has_quota ${QUOTA_OR_REGISTRY}`, [`'' ${REGISTRY_BY_METHOD};`, "default http://quota;"]),
      "# An upload is begun by its address only: the registry would read a form too.",
      ...block("map $request_method $quota_content_type", [
        "POST application/octet-stream;",
        "default $http_content_type;",
      ]),
      ...block("upstream quota", [`server unix:${QUOTA_SOCKET} max_fails=0;`, "keepalive 8;"]),
    ],
    server: [
      "",
      ...block("location @over_quota", [
        "# What the client is still sending is read, or it would see its connection end, and not why.",
        "keepalive_timeout 0;",
        "lingering_close always;",
        "default_type application/json;",
        `return 403 '${errorBody("DENIED", "$refused_quota")}';`,
      ]),
    ],
    servers: block("server", [
      `listen unix:${QUOTA_SOCKET};`,
      "# Nothing is written: the condition tells that the request has ended.",
      "access_log /dev/null combined if=$quota_settled;",
      "client_max_body_size 0;",
      `set $quota_files ${rootDirectory}/docker/registry/v2;`,
      ...block("if ($quota_kind = nothing)", ["# The registry could read another repository in it.", "return 404;"]),
      ...block("location /", [
        "auth_request /_admit;",
        "error_page 403 = $quota_refusal;",
        "error_page 500 = @uncounted;",
        ...straightThrough(upstream, REGISTRY_BY_METHOD, timeoutSeconds),
        "proxy_set_header Content-Type $quota_content_type;",
        "# What the registry goes on with after its client has gone is still to be counted.",
        "proxy_ignore_client_abort on;",
      ]),
      ...block("location = /_admit", ["internal;", `js_content ${script}.admit;`]),
      ...block("location @refused", [
        "add_header X-Accel-Redirect @over_quota;",
        "add_header X-Quota $quota_sentence;",
        "return 204;",
      ]),
      "# What has been uploaded goes at once, or it would stay until uploads are purged.",
      ...block("location @refused_upload", [`js_content ${script}.cancel;`]),
      ...block("location = /_cancel", [
        "internal;",
        ...passToUpstream(upstream, `${upstreamUrl(upstream)}$request_uri`),
        "proxy_method DELETE;",
        "proxy_pass_request_body off;",
        "proxy_set_header Content-Length '';",
        "proxy_set_header Host $http_host;",
      ]),
      ...block("location @uncounted", [
        "default_type application/json;",
        "add_header Retry-After 30 always;",
        `return 503 '${errorBody("UNAVAILABLE", "it is still being counted what this repository holds: try again in a moment")}';`,
      ]),
    ]),
  };
}
