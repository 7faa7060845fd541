import { block } from "./block";
import { errorBody } from "./error-body";
import type { NginxFragment } from "./fragment";
import { REGISTRY_BY_METHOD } from "./repeated-deletes";

/** In the location that hands requests to the registry: where a request goes while nobody may write, and otherwise. */
export const GATE_OR_REGISTRY = "$gate_or_registry";

const GATE_SOCKET = "/tmp/gate.sock";
const WAIT_SOCKET = "/tmp/gate-wait.sock";

/** Seconds for which a request is held; a look at the gate in each of them. */
const PATIENCE_SECONDS = 60;

/**
 * Holds requests that would write while a registry lets nobody write. Clients do not notice but by the time that it takes;
 * those that wait too long are asked to come back.
 *
 * nginx can wait only where it limits requests: each look is a request of its own with the same key, one a second.
 *
 * @param window a file that is there while nobody may write
 * @param timeoutSeconds the longest pause of the registry
 */
export function writeGate(window: string, timeoutSeconds: number): NginxFragment {
  return {
    http: [
      "# While the registry lets nobody write, what would write is held for up to a minute.",
      ...block(`map "$gate $request_method" ${GATE_OR_REGISTRY}`, [
        "'~^closed (POST|PUT|PATCH|DELETE)$' http://gate;",
        `default ${REGISTRY_BY_METHOD};`,
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
    servers: [...gateServer(timeoutSeconds), "", ...lookServer(window)],
  };
}

function gateServer(timeoutSeconds: number): string[] {
  return block("server", [
    `listen unix:${GATE_SOCKET};`,
    "access_log off;",
    "client_max_body_size 0;",
    ...block("location /", [
      "auth_request /_wait;",
      "error_page 403 = @still_closed;",
      `proxy_pass ${REGISTRY_BY_METHOD};`,
      "proxy_http_version 1.1;",
      "proxy_set_header Connection '';",
      "proxy_set_header Host $http_host;",
      "proxy_redirect off;",
      "proxy_request_buffering off;",
      "client_body_buffer_size 1m;",
      "proxy_max_temp_file_size 0;",
      `client_body_timeout ${timeoutSeconds}s;`,
      `proxy_read_timeout ${timeoutSeconds}s;`,
      `proxy_send_timeout ${timeoutSeconds}s;`,
    ]),
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
