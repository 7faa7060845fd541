import { block } from "../block";
import type { NginxFragment } from "../fragment";
import { LIMIT_SOCKET } from "./login-limit";

/** In `http`: the way to the server that checks, and the memory of what it said. */
export function rememberedLogins(limit: NginxFragment): string[] {
  return [
    ...(limit.http ?? []),
    ...block("upstream logins", [`server unix:${LIMIT_SOCKET} max_fails=0;`, "keepalive 8;"]),
    "proxy_cache_path /tmp/logins levels=1 keys_zone=logins:4m inactive=1h max_size=16m use_temp_path=off;",
  ];
}

/**
 * The location that `auth_request` asks. It takes `$login_check`, what the server is asked for; `$checked_login`, the
 * header that it gets; `$user` and `$user_version`, for whom the answer is remembered, if not `$is_unknown_user`.
 *
 * @param first lines for requests that need no check
 * @param notSure statuses that say nothing to `auth_request`, or too much
 */
export function loginCheck(first: string[], notSure = "429 500 502 503 504"): string[] {
  return [
    ...block("location = /_login", [
      "internal;",
      ...first,
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
      `error_page ${notSure} = @login_not_checked;`,
    ]),
    ...block("location @login_not_checked", ["return 403;"]),
  ];
}
