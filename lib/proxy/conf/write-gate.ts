import { block } from "./block";
import { errorBody } from "./error-body";
import type { NginxFragment } from "./fragment";
import { straightThrough } from "./straight-through";
import type { NginxUpstream } from "./upstream";

/** In the location that hands requests to the registry: where a request goes while nobody may write, and otherwise. */
export const GATE_OR_REGISTRY = "$gate_or_registry";

const GATE_SOCKET = "/tmp/gate.sock";
const WAIT_SOCKET = "/tmp/gate-wait.sock";

/** Seconds for which a request is held; a look at the gate in each of them. */
const PATIENCE_SECONDS = 60;

/** What the gate depends on. */
export interface NginxWriteGate {
  /** A file that is there while nobody may write. */
  readonly window: string;
  readonly upstream: NginxUpstream;
  /** The longest pause of the registry. */
  readonly timeoutSeconds: number;
  /** Where a request goes that is not held, or no longer. */
  readonly otherwise: string;
}

/**
 * Holds requests that would write while a registry lets nobody write. Clients do not notice but by the time that it takes;
 * those that wait too long are asked to come back.
 *
 * nginx can wait only where it limits requests: each look is a request of its own with the same key, one a second.
 */
export function writeGate({ window, upstream, timeoutSeconds, otherwise }: NginxWriteGate): NginxFragment {
  return {
    http: [
      "# While the registry lets nobody write, what would write is held for up to a minute.",
      ...block(`map "$gate $request_method" ${GATE_OR_REGISTRY}`, [
        "'~^closed (POST|PUT|PATCH|DELETE)$' http://gate;",
        `default ${otherwise};`,
      ]),
      ...block("upstream gate", [`server unix:${GATE_SOCKET} max_fails=0;`, "keepalive 8;"]),
      "# Each of them is one look, a second after the one before.",
      ...block(
        "upstream gate_looks",
        Array.from({ length: PATIENCE_SECONDS }, () => `server unix:${WAIT_SOCKET} max_fails=0;`),
      ),
      "limit_req_zone $http_x_held_request zone=held_requests:1m rate=60r/m;",
    ],
    server: ["", "set $gate open;", ...block(`if (-f ${window})`, ["set $gate closed;"])],
    servers: [...gateServer(straightThrough(upstream, otherwise, timeoutSeconds)), "", ...lookServer(window)],
  };
}

/** @param goOn lines of who has waited long enough */
function gateServer(goOn: string[]): string[] {
  return block("server", [
    `listen unix:${GATE_SOCKET};`,
    "access_log off;",
    "client_max_body_size 0;",
    ...block("location /", ["auth_request /_wait;", "error_page 403 = @still_closed;", ...goOn]),
    ...block("location = /_wait", [
      "internal;",
      "proxy_pass http://gate_looks;",
      "proxy_pass_request_body off;",
      "proxy_pass_request_headers off;",
      "proxy_set_header Content-Length '';",
      "proxy_set_header X-Held-Request $request_id;",
      "proxy_next_upstream http_403;",
      "proxy_next_upstream_tries 0;",
      `proxy_next_upstream_timeout ${PATIENCE_SECONDS}s;`,
    ]),
    ...block("location @still_closed", [
      "add_header Retry-After 30 always;",
      "default_type application/json;",
      `return 503 '${errorBody("UNAVAILABLE", "the registry is being maintained and takes no pushes or deletes for a moment: try again")}';`,
    ]),
  ]);
}

function lookServer(window: string): string[] {
  return block("server", [
    `listen unix:${WAIT_SOCKET};`,
    "access_log off;",
    "limit_req_log_level info;",
    ...block("location /", [
      "limit_req zone=held_requests burst=1;",
      "# Asked after the wait; a condition here would be looked at before it.",
      "auth_request /_look;",
      "try_files /none =204;",
    ]),
    ...block("location = /_look", ["internal;", ...block(`if (-f ${window})`, ["return 403;"]), "return 204;"]),
  ]);
}
