import { type NginxUpstream, passToUpstream } from "./upstream";

/**
 * In a location of a server of nginx' own that stands in the way of some requests: what they bring goes on as it comes, to
 * where a variable says.
 *
 * @param timeoutSeconds the longest pause of the registry
 */
export function straightThrough(upstream: NginxUpstream, target: string, timeoutSeconds: number): string[] {
  return [
    ...passToUpstream(upstream, target),
    "proxy_set_header Host $http_host;",
    "proxy_redirect off;",
    "proxy_request_buffering off;",
    "client_body_buffer_size 1m;",
    "proxy_max_temp_file_size 0;",
    `client_body_timeout ${timeoutSeconds}s;`,
    `proxy_read_timeout ${timeoutSeconds}s;`,
    `proxy_send_timeout ${timeoutSeconds}s;`,
  ];
}
