import { block } from "./block";
import type { NginxFragment } from "./fragment";
import { type NginxUpstream, passToUpstream, upstreamUrl } from "./upstream";

/** The socket of the server that repeats deletes, inside the proxy's container. */
const DELETES_SOCKET = "/tmp/deletes.sock";

/** In the location that hands requests to the registry: where a request goes, by its method. */
export const REGISTRY_BY_METHOD = "$registry_by_method";

/**
 * A registry with a Redis empties the cache before it deletes, and fails when Redis takes longer than the few
 * milliseconds that a pull can wait for it. Nothing has been deleted then, so that the same request may succeed
 * a moment later: a server of nginx' own asks up to five times.
 */
export function repeatedDeletes(upstream: NginxUpstream, timeoutSeconds: number): NginxFragment {
  const attempt = (name: string, ...lines: string[]) =>
    block(name, [...passToUpstream(upstream), "proxy_set_header Host $http_host;", ...lines]);
  return {
    http: [
      "# Deletes are repeated: a registry whose Redis is late answers 500, and has deleted nothing.",
      ...block(`map $request_method ${REGISTRY_BY_METHOD}`, [
        "DELETE http://deletes;",
        `default ${upstreamUrl(upstream)};`,
      ]),
      ...block("map $upstream_status $delete_again", [
        "volatile;",
        "# Missing from the start, or because Redis was late both with what it knew and with what it was told.",
        "404 @delete_at_last;",
        "# After three repeats. Missing now, though not at first: deleted by an attempt that failed later on.",
        "'~^([^:]+:){3}.*404$' @delete_what_is_gone;",
        "'~^([^:]+:){3}' @delete_at_last;",
        "default @delete_again;",
      ]),
      ...block("upstream deletes", [`server unix:${DELETES_SOCKET} max_fails=0;`, "keepalive 8;"]),
    ],
    servers: block("server", [
      `listen unix:${DELETES_SOCKET};`,
      "access_log off;",
      "# A delete has no body; one would be kept for the repeats.",
      "client_max_body_size 64k;",
      `proxy_read_timeout ${timeoutSeconds}s;`,
      "proxy_intercept_errors on;",
      "recursive_error_pages on;",
      ...attempt("location /", "error_page 404 500 = $delete_again;"),
      ...attempt("location @delete_again", "error_page 404 500 = $delete_again;"),
      ...attempt("location @delete_what_is_gone", "error_page 404 = @deleted;"),
      ...attempt("location @delete_at_last"),
      ...block("location @deleted", ["return 202;"]),
    ]),
  };
}
