import { block } from "./block";
import type { NginxFragment } from "./fragment";

/**
 * How many requests with one login are answered at a time. It is counted by name and password, not by the name: who knows no
 * password uses up nobody's limit.
 */
export function loginLimit(connections?: number): NginxFragment[] {
  if (connections === undefined) {
    return [];
  }
  return [
    {
      http: [
        "# What one login may have of the connections, from many addresses. Of a token its signature: nginx takes up to 255 bytes.",
        ...block("map $http_authorization $counted_login", [
          "'~^.{1,255}$' $http_authorization;",
          "'~\\.([A-Za-z0-9_-]{20,250})$' $1;",
          "default '';",
        ]),
        "limit_conn_zone $counted_login zone=counted_logins:4m;",
      ],
      server: [`limit_conn counted_logins ${connections};`],
    },
  ];
}
