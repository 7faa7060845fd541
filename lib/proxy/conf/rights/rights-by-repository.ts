import type { IRegistryUsers } from "../../../registry/registry-part";
import { block } from "../block";
import type { NginxFragment } from "../fragment";
import { challenge, denied, returnUnauthorized } from "../logins/login-answers";
import { loginCheck, rememberedLogins } from "../logins/login-check";
import { loginLimit } from "../logins/login-limit";
import { type NginxUpstream, passRewritten } from "../upstream";
import { CREDENTIALS, EXPIRIES, REALM, RIGHTS } from "./rights-files";

/** Scripts of `njs/` in the order in which they need each other; nginx.conf calls the last one. */
export const ACCESS_SCRIPTS = ["policy", "request", "tokens", "verdict", "access"];

/** What the rights of nginx.conf depend on. */
export interface NginxRights {
  /** Whether the registry checks passwords again: it then gets right ones only, and there are no tokens. */
  readonly registryChecks: boolean;
  readonly hasTokens: boolean;
  readonly upstream: NginxUpstream;
}

/**
 * Users whose rights differ by repository: a script reads who asks for what, and says in `$access` what comes of it.
 * Passwords are checked and remembered as those of users with the same rights everywhere.
 */
export function rightsByRepository(users: IRegistryUsers, rights: NginxRights): NginxFragment {
  const limit = loginLimit(users);
  return {
    scripts: ["access"],
    http: [...verdict(users.rights?.expiries !== undefined), "", ...rememberedLogins(limit)],
    server: [
      ...challenge(),
      "",
      "# The first thing that is asked for: what is told beside the verdict counts from here on.",
      ...block("if ($access = misdirected)", ["return 421;"]),
      ...block("if ($access = nothing)", ["return 404;"]),
      ...block("if ($starts_upload)", ["set $args $upload_args;"]),
      ...loginCheck(
        [
          ...block("if ($login_check = pass)", ["return 204;"]),
          "# Not 401, with which the challenge of the server that checks would go to the client.",
          ...block("if ($login_check = challenge)", ["return 403;"]),
          ...block("if ($login_check = forbidden)", ["return 403;"]),
        ],
        "401 429 500 502 503 504",
      ),
      ...denied("$login_sentence", [
        ...block("if ($login_check = challenge)", [returnUnauthorized()]),
        ...block("if ($login_status = 401)", [returnUnauthorized()]),
      ]),
      ...(rights.hasTokens ? tokens() : []),
      ...catalog(rights),
    ],
    registry: [
      ...guard(),
      ...authorization(rights),
      "# Of the start of an upload nothing but its address counts: a form could name another source for a mount.",
      "proxy_set_header Content-Type $registry_content_type;",
      "",
    ],
    servers: limit.servers,
  };
}

function verdict(hasExpiries: boolean): string[] {
  return [
    "# Who may do what, and with it the passwords' versions and the key of the tokens.",
    `js_preload_object access_rights from ${RIGHTS};`,
    `js_preload_object access_realm from ${REALM};`,
    `js_preload_object access_credentials from ${CREDENTIALS};`,
    ...(hasExpiries ? [`js_preload_object access_expiries from ${EXPIRIES};`] : []),
    "",
    "# What comes of a request, and what belongs to it.",
    "js_set $access access.verdict;",
    "js_set $login_actor access.actor;",
    ...VARIABLES.map((name) => `js_var $${name};`),
    "# Asked for once, whoever says that a login is missing.",
    ...block("map $status $challenge", ["401 $login_challenge;", "default '';"]),
    ...block("map $starts_upload $registry_content_type", [
      "1 application/octet-stream;",
      "default $http_content_type;",
    ]),
    "# Not remembered: made-up names, and logins in a form, as the memory tells passwords apart by the header.",
    ...block('map "$login_check$login_form" $is_unknown_user', ["granted '';", "denied '';", "default 1;"]),
    ...block("map $upstream_http_vary $is_for_all_passwords", ["Authorization '';", "default 1;"]),
  ];
}

const VARIABLES = [
  "login_check",
  "user",
  "user_version",
  "checked_login",
  "login_form",
  "login_challenge",
  "login_sentence",
  "starts_upload",
  "upload_args",
];

function guard(): string[] {
  return [
    "# Who this is, and whether this user may do that.",
    "auth_request /_login;",
    "auth_request_set $login_status $upstream_status;",
    "error_page 403 = @denied;",
  ];
}

function authorization({ registryChecks }: NginxRights): string[] {
  return registryChecks
    ? ["# The registry checks the password again.", "proxy_set_header Authorization $http_authorization;"]
    : [
        "# The user's name without the password, for the registry's events.",
        "proxy_set_header Authorization $login_actor;",
      ];
}

function tokens(): string[] {
  return block("location = /token", [
    "client_max_body_size 16k;",
    "client_body_buffer_size 16k;",
    "js_content access.token;",
  ]);
}

function catalog(rights: NginxRights): string[] {
  return [
    ...block("location = /v2/_catalog", [
      ...guard(),
      "# A thousand names of 255 characters.",
      "subrequest_output_buffer_size 512k;",
      "js_content access.catalog;",
    ]),
    ...block("location = /_catalog", [
      "internal;",
      ...passRewritten(rights.upstream, "rewrite ^ /v2/_catalog break;"),
      "proxy_set_header Host $http_host;",
      ...authorization(rights),
      "proxy_max_temp_file_size 0;",
    ]),
  ];
}
