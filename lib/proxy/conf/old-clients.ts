import { block } from "./block";
import type { NginxFragment } from "./fragment";

/**
 * Docker before 1.6 and the bare Go client behind it spoke version 1 of the protocol; to them `/v2/` does not exist.
 * Go clients of today say what they are.
 */
export function oldClients(): NginxFragment {
  return {
    http: block("map $http_user_agent $is_old_client", [
      "default 0;",
      "'~^docker/(?:0|1\\.[0-5])(?:[^0-9]|$)' 1;",
      "'~^Go ' 1;",
    ]),
    registry: block("if ($is_old_client)", ["return 404;"]),
  };
}
