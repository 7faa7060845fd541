import { block } from "./block";
import { temporaryFiles } from "./temporary-files";

/** What the server that checks passwords depends on. */
export interface LoginServer {
  readonly realm: string;
  /** Checks a second that an address may ask for once it has used up its first ones. */
  readonly loginsPerSecond: number;
}

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
export function loginServer(server: LoginServer): string {
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
    ...block("events", ["worker_connections 1024;"]),
    "",
    ...block("http", [
      "access_log off;",
      "server_tokens off;",
      ...temporaryFiles("logins_"),
      "",
      "# Logins that were not seen in the last hour, by the address that they come from: a few at once, then slowly.",
      "# Whoever tries passwords waits; a refusal would only let him try again sooner.",
      `limit_req_zone $http_x_real_ip zone=logins:2m rate=${server.loginsPerSecond}r/s;`,
      "limit_req zone=logins burst=100 delay=20;",
      "limit_req_status 429;",
      "",
      ...block("server", [
        `listen unix:${LOGIN_SOCKET} backlog=1024;`,
        `auth_basic "${server.realm}";`,
        "# Read at each check.",
        `auth_basic_user_file ${HTPASSWD};`,
        "# The proxy keeps an answer for this password only.",
        "add_header Vary Authorization always;",
        "# try_files comes after the check of the password, where return would come before it.",
        ...block("location = /granted", ["try_files /none =204;"]),
        ...block("location = /denied", ["try_files /none =403;"]),
      ]),
    ]),
  ].join("\n")}\n`;
}
