import type { IRegistryUsers } from "../../registry/binding";
import { block } from "./block";
import type { NginxFragment } from "./fragment";
import { challenge, denied, refusals, unauthorized } from "./login-answers";
import { userMaps } from "./user-maps";

/**
 * For users that the registry itself checks: it cannot tell who may push from who may only pull, so the proxy
 * denies pushes of the latter. It does so only when the registry takes the password, and thus tells strangers nothing.
 * Names that are no users' take the registry as long as those that are.
 *
 * @param passToRegistry the lines that hand a request to the registry
 */
export function registryLogin(users: IRegistryUsers, passToRegistry: string[]): NginxFragment {
  return {
    http: userMaps(users),
    server: [
      ...challenge(),
      "",
      ...block("location = /_may_push", [
        "internal;",
        ...block("if ($login_check = granted)", ["return 204;"]),
        ...passToRegistry,
        "proxy_set_header Authorization $checked_login;",
        "# A blob that cannot exist: 401 says that the password is wrong, 404 that it is right.",
        `rewrite ^ /v2/denied/blobs/sha256:${"0".repeat(64)} break;`,
        "proxy_method GET;",
        "proxy_pass_request_body off;",
        "proxy_set_header Content-Length '';",
        "proxy_intercept_errors on;",
        "error_page 404 = @push_denied;",
      ]),
      ...block("location @push_denied", ["return 403;"]),
      ...unauthorized(),
      ...denied(),
    ],
    registry: [
      "# The registry checks the password; whether it may be used to push is known here.",
      "auth_request /_may_push;",
      "set $login_status '';",
      ...refusals(),
      "proxy_set_header Authorization $checked_login;",
      "",
    ],
  };
}
