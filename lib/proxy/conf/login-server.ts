import type { IRegistryUsers } from "../../registry/binding";
import { block } from "./block";
import { temporaryFiles } from "./temporary-files";

/** The configuration of the server that checks passwords; see nginx-runner.ts. */
export const LOGIN_CONF = "logins.conf";

/** Its socket, inside the proxy's container. */
export const LOGIN_SOCKET = "/tmp/logins.sock";

/** Names and hashes, read by that server at each check. */
export const HTPASSWD = "htpasswd";

/**
 * The nginx.conf of the server that checks passwords, a process of its own: bcrypt blocks its one worker, never
 * one that serves clients.
 */
export function loginServer({ realm, loginsPerSecond }: IRegistryUsers): string {
  return `${[
    "# Rendered by cdktf-docker-registry: a change made here is lost at the next deploy.",
    "",
    "# One worker, which bcrypt blocks for a while at each check. Those that serve clients go first; more than this,",
    "# and a flood of requests would leave no time for the login of somebody else.",
    "worker_processes 1;",
    "worker_priority 5;",
    "pid /tmp/logins.pid;",
    "# Failed logins are in the proxy's access log, with the client's address.",
    "error_log stderr crit;",
    "",
    ...block("events", [
      "worker_connections 1024;",
      "# Otherwise a turn of the loop takes one connection and all requests whose wait has ended: new logins come last.",
      "multi_accept on;",
    ]),
    "",
    ...block("http", [
      "access_log off;",
      "server_tokens off;",
      ...temporaryFiles("logins_"),
      "",
      "# A client of IPv6 has a whole /64 of addresses: they count as one. nginx writes an address so that :: stands for",
      "# two zeros or more: either it comes after the /64, or some of what follows it belongs to the /64 too.",
      ...block("map $http_x_real_ip $login_source", [
        "'~^((?:[0-9a-f]+:){4})' $1;",
        "'~^((?:(?:[0-9a-f]+:){1,3}:|::)(?:[0-9a-f]+:)*?)(?:[0-9a-f]+(?::|$)){0,4}$' $1;",
        "default $http_x_real_ip;",
      ]),
      "# Logins that were not seen in the last hour, by the address that they come from: a few at once, then slowly.",
      "# Whoever tries passwords waits; a refusal would only let him try again sooner.",
      `limit_req_zone $login_source zone=logins:2m rate=${loginsPerSecond}r/s;`,
      "limit_req zone=logins burst=45 delay=5;",
      "limit_req_status 429;",
      "",
      ...block("server", [
        `listen unix:${LOGIN_SOCKET} backlog=1024;`,
        `auth_basic "${realm}";`,
        "# Read at each check.",
        `auth_basic_user_file ${HTPASSWD};`,
        "# The proxy keeps an answer for this password only.",
        "add_header Vary Authorization always;",
        "# try_files comes after the check of the password, where return would come before it.",
        ...block("location = /granted", ["try_files /none =204;"]),
        ...block("location = /denied", ["try_files /none =410;"]),
        ...block("location = /unknown", ["try_files /none =401;"]),
        "",
        "# The proxy remembers a 403. nginx answers the same when it cannot read the file of users, which says nothing",
        "# about this one.",
        "error_page 403 = @no_users;",
        "error_page 410 = @denied;",
        ...block("location @no_users", ["auth_basic off;", "return 503;"]),
        ...block("location @denied", ["auth_basic off;", "return 403;"]),
      ]),
    ]),
  ].join("\n")}\n`;
}
