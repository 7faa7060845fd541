import type { IRegistryUsers } from "../../../registry/registry-part";
import { block } from "../block";
import type { NginxFragment } from "../fragment";
import { challenge, denied, refusals, unauthorized } from "./login-answers";
import { LIMIT_SOCKET, loginLimit } from "./login-limit";
import { userMaps } from "./user-maps";

/** A line per user: `"<name>" "<something that changes with the password>";`. */
export const USER_VERSIONS = "users.versions";

/**
 * Users are checked by a server of its own (see `loginServer`), and what it said is remembered:
 * bcrypt is as slow as it has to be, but out of the way of all who have logged in before.
 *
 * @param registryChecks whether the registry checks them again: it then gets right passwords only
 */
export function cachedLogin(users: IRegistryUsers, registryChecks: boolean): NginxFragment {
  const limit = loginLimit(users);
  return {
    http: [
      ...userMaps(users),
      "",
      "# Changes with the user's password: what was remembered of the one before counts no more.",
      ...block("map $login_name $user_version", [`include ${USER_VERSIONS};`, "default '';"]),
      "# Made-up names are not remembered, nor is an answer that would be taken for another password's.",
      ...block("map $user_access $is_unknown_user", ["'' 1;", "default '';"]),
      ...block("map $upstream_http_vary $is_for_all_passwords", ["Authorization '';", "default 1;"]),
      "",
      ...(limit.http ?? []),
      ...block("upstream logins", [`server unix:${LIMIT_SOCKET} max_fails=0;`, "keepalive 8;"]),
      "proxy_cache_path /tmp/logins levels=1 keys_zone=logins:4m inactive=1h max_size=16m use_temp_path=off;",
    ],
    server: [
      ...challenge(),
      "",
      ...block("location = /_login", [
        "internal;",
        "# Neither name nor password: docker's first request always is like this, and needs no check.",
        ...block("if ($remote_user = '')", ["return 401;"]),
        "",
        "proxy_pass http://logins/$login_check;",
        "proxy_http_version 1.1;",
        "proxy_pass_request_body off;",
        "proxy_pass_request_headers off;",
        "proxy_set_header Connection '';",
        "proxy_set_header Content-Length '';",
        "proxy_set_header Authorization $checked_login;",
        "proxy_set_header X-Real-IP $remote_addr;",
        "# The wait for a turn, and that for the check.",
        "proxy_read_timeout 60s;",
        "",
        "# The password is not part of the key, which nginx writes down as it is. The answers vary by the header",
        "# that holds it, and of that nginx keeps a digest.",
        "proxy_cache logins;",
        "proxy_cache_key '$login_check $user $user_version';",
        "proxy_cache_bypass $is_unknown_user;",
        "proxy_no_cache $is_unknown_user $is_for_all_passwords;",
        "# Right passwords only, of users who may do that (204) or may not (403): a wrong one is checked each time.",
        "proxy_cache_valid 204 403 1h;",
        "proxy_cache_use_stale updating;",
        "proxy_cache_background_update on;",
        "",
        "# auth_request knows yes, 401 and 403; why it was no in the end is told by $login_status.",
        "proxy_intercept_errors on;",
        "error_page 429 500 502 503 504 = @login_not_checked;",
      ]),
      ...block("location @login_not_checked", ["return 403;"]),
      ...unauthorized(),
      ...denied(),
    ],
    registry: [
      "# Who this is, and whether this user may do that.",
      "auth_request /_login;",
      "auth_request_set $login_status $upstream_status;",
      ...refusals(),
      ...(registryChecks
        ? ["# The registry checks the password again.", "proxy_set_header Authorization $http_authorization;"]
        : [
            "# The registry needs no password, and what has none cannot lose it.",
            "proxy_set_header Authorization '';",
          ]),
      "",
    ],
    servers: limit.servers,
  };
}
