import { block } from "./block";
import { errorBody } from "./error-body";
import type { NginxFragment } from "./fragment";

/** In the location that hands requests to the registry: where a request goes when there is room for it, and otherwise. */
export const REGISTRY_OR_REFUSAL = "$registry_or_refusal";

const REFUSAL_SOCKET = "/tmp/refusal.sock";

/** Files that tell how much room the disk of a registry has. */
export interface DiskFiles {
  /** Is there while less is free than the reserve. */
  readonly low: string;
  /** Is there while not even half of it is free. */
  readonly full: string;
}

/**
 * Refuses what would fill the registry's disk. Of all answers that were tried docker shows the sentence of one with a 4xx
 * status only, and does not try again after `DENIED` only.
 *
 * @param otherwise where a request goes when there is room
 */
export function diskGuard({ low, full }: DiskFiles, otherwise: string): NginxFragment {
  return {
    http: [
      "# Below the disk's reserve: no new upload and no further data, while what needs hardly any room may end.",
      "# Below half of it nothing is written. A delete gives room.",
      ...block(`map "$room $request_method $content_length" ${REGISTRY_OR_REFUSAL}`, [
        "'~^little (?:POST|PATCH) ' http://refusal;",
        "# Of no length or ten million bytes: a whole upload in one request.",
        "'~^little PUT (?:[0-9]{8,})?$' http://refusal;",
        "'~^none (?:POST|PUT|PATCH) ' http://refusal;",
        `default ${otherwise};`,
      ]),
      ...block("upstream refusal", [`server unix:${REFUSAL_SOCKET} max_fails=0;`, "keepalive 8;"]),
    ],
    server: [
      "",
      "set $room enough;",
      ...block(`if (-f ${low})`, ["set $room little;"]),
      ...block(`if (-f ${full})`, ["set $room none;"]),
      ...block("location @no_room", [
        "default_type application/json;",
        `return 403 '${errorBody("DENIED", "the registry's disk is nearly full: pushes are refused until there is room, pulls and deletes go on")}';`,
      ]),
    ],
    // Not refused before whoever checks users has let the request in, and past what else is said of a 403.
    servers: block("server", [
      `listen unix:${REFUSAL_SOCKET};`,
      "access_log off;",
      "client_max_body_size 0;",
      ...block("location /", ["add_header X-Accel-Redirect @no_room;", "return 204;"]),
    ]),
  };
}
