import type { IRegistryUsers } from "../../../registry/registry-part";
import { block } from "../block";
import { clientNetwork } from "../client-network";
import type { NginxFragment } from "../fragment";
import { LOGIN_SOCKET } from "./login-server";

/** The socket of the server where logins wait for their check, inside the proxy's container. */
export const LIMIT_SOCKET = "/tmp/login-limit.sock";

/**
 * Logins that are not remembered pass a server that makes those of one address wait.
 *
 * Not the server that checks them: bcrypt blocks it, and each time it would first serve all whose wait has ended.
 */
export function loginLimit({ loginsPerSecond }: IRegistryUsers): NginxFragment {
  return {
    http: [
      ...clientNetwork("$http_x_real_ip", "$login_source", "$http_x_real_ip"),
      `limit_req_zone $login_source zone=login_sources:2m rate=${loginsPerSecond}r/s;`,
      ...block("upstream login_checks", [`server unix:${LOGIN_SOCKET} max_fails=0;`, "keepalive 8;"]),
    ],
    servers: block("server", [
      "# Logins that were not seen in the last hour, by the address that they come from: a few at once, then slowly.",
      "# Whoever tries passwords waits; a refusal would only let him try again sooner.",
      `listen unix:${LIMIT_SOCKET} backlog=1024;`,
      "access_log off;",
      "error_log stderr crit;",
      "limit_req zone=login_sources burst=45 delay=5;",
      "limit_req_status 429;",
      ...block("location /", [
        "proxy_pass http://login_checks;",
        "proxy_http_version 1.1;",
        "proxy_set_header Connection '';",
        "proxy_read_timeout 30s;",
      ]),
    ]),
  };
}
