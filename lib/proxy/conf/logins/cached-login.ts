import type { IRegistryUsers } from "../../../registry/registry-part";
import { block } from "../block";
import type { NginxFragment } from "../fragment";
import { challenge, denied, refusals, unauthorized } from "./login-answers";
import { loginCheck, rememberedLogins } from "./login-check";
import { loginLimit } from "./login-limit";
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
      ...rememberedLogins(limit),
    ],
    server: [
      ...challenge(),
      "",
      ...loginCheck([
        "# Neither name nor password: docker's first request always is like this, and needs no check.",
        ...block("if ($remote_user = '')", ["return 401;"]),
      ]),
      ...unauthorized(),
      ...denied("this user may only pull"),
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
