import type { IRegistryUsers } from "../../../registry/registry-part";
import { block } from "../block";
import { temporaryFiles } from "../temporary-files";

/** The configuration of the server that checks passwords; see proxy/runner.ts. */
export const LOGIN_CONF = "logins.conf";

/** Its socket, inside the proxy's container. */
export const LOGIN_SOCKET = "/tmp/logins.sock";

/** Names and hashes, read by that server at each check. */
export const HTPASSWD = "htpasswd";

/**
 * The nginx.conf of the server that checks passwords, a process of its own: bcrypt blocks its one worker, never
 * one that serves clients.
 */
export function loginServer({ realm }: IRegistryUsers): string {
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
      "# In the order of arrival: by default one new connection has its turn after all requests of those that are kept.",
      "multi_accept on;",
    ]),
    "",
    ...block("http", [
      "access_log off;",
      "server_tokens off;",
      ...temporaryFiles("logins_"),
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
