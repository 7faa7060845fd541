import type { IRegistryUsers } from "../../registry/binding";
import { block } from "./block";
import type { NginxFragment } from "./fragment";
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

/** A line per user: `"<name>" "<something that changes with the password>";`. */
export const USER_VERSIONS = "users.versions";

/** In the htpasswd file, for names that are not; nobody can log in with it, as it is never passed on for a client. */
export const DECOY = "nobody:of-this-name";

const [DECOY_NAME] = DECOY.split(":");
const DECOY_HEADER = `Basic ${Buffer.from(DECOY).toString("base64")}`;

/** The decoy's line of the htpasswd file. */
export function decoyEntry(hash: string): string {
  return `${DECOY_NAME}:${hash}`;
}

/**
 * Users are checked by a server of its own (see `loginServer`), and what it said is remembered:
 * bcrypt is as slow as it has to be, but out of the way of all who have logged in before.
 */
export function cachedLogin(users: IRegistryUsers): NginxFragment {
  return {
    http: [
      ...userMaps(users),
      "",
      "# Changes with the user's password: what was remembered of the one before counts no more.",
      ...block("map $remote_user $user_version", [`include ${USER_VERSIONS};`, "default '';"]),
      "# Made-up names are not remembered, nor is an answer that would be taken for another password's.",
      ...block("map $user_access $is_unknown_user", ["'' 1;", "default '';"]),
      ...block("map $upstream_http_vary $is_for_all_passwords", ["Authorization '';", "default 1;"]),
      "",
      ...block("upstream logins", [`server unix:${LOGIN_SOCKET} max_fails=0;`, "keepalive 8;"]),
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
        "proxy_read_timeout 30s;",
        "",
        "# The password is not part of the key, which nginx writes down as it is. The answers vary by the header",
        "# that holds it, and of that nginx keeps a digest.",
        "proxy_cache logins;",
        "proxy_cache_key '$login_check $remote_user $user_version';",
        "proxy_cache_bypass $is_unknown_user;",
        "proxy_no_cache $is_unknown_user $is_for_all_passwords;",
        "# Right passwords only: a wrong one is checked each time.",
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
      "# Who this is, and whether he may do that.",
      "auth_request /_login;",
      "auth_request_set $login_status $upstream_status;",
      ...refusals(),
      "# The registry needs no password, and what has none cannot lose it.",
      "proxy_set_header Authorization '';",
      "",
    ],
  };
}

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

/** What both fragments know of a request; `$user_access` is empty for names that are not users'. */
function userMaps({ realm, pullUsers, pushUsers }: IRegistryUsers): string[] {
  return [
    "# The users. nginx looks names up without regard to case, and the next map makes up for it.",
    ...block("map $remote_user $user", [
      ...pushUsers.map((name) => `"${name}" "${name}:push";`),
      ...pullUsers.map((name) => `"${name}" "${name}:pull";`),
      "default '';",
    ]),
    ...block('map "$remote_user:$user" $user_access', [
      "'~^([^:]+):\\1:push$' push;",
      "'~^([^:]+):\\1:pull$' pull;",
      "default '';",
    ]),
    "# Who may pull may read; everything else is a push.",
    ...block('map "$user_access $request_method" $login_check', [
      "'~^pull (?!(GET|HEAD|OPTIONS)$)' denied;",
      "default granted;",
    ]),
    "# A made-up name is checked as another one whose check takes as long and fails:",
    "# who is a user cannot be told by the time that an answer takes.",
    ...block('map "$user_access $remote_user" $checked_login', [
      `'~^ .' '${DECOY_HEADER}';`,
      "default $http_authorization;",
    ]),
    "# Asked for once: the server that checks has asked already, and nginx passes that on.",
    ...block('map "$status $sent_http_www_authenticate" $challenge', [
      `'401 ' 'Basic realm="${realm}"';`,
      "default '';",
    ]),
  ];
}

function challenge(): string[] {
  return ["add_header WWW-Authenticate $challenge always;"];
}

function refusals(): string[] {
  return ["error_page 401 = @unauthorized;", "error_page 403 = @denied;"];
}

function unauthorized(): string[] {
  return block("location @unauthorized", [
    "default_type application/json;",
    `return 401 '${errorBody("UNAUTHORIZED", "authentication required")}';`,
  ]);
}

function denied(): string[] {
  return block("location @denied", [
    "default_type application/json;",
    ...block("if ($login_status = 429)", [
      `return 429 '${errorBody("TOOMANYREQUESTS", "too many logins from this address: try again in a minute")}';`,
    ]),
    ...block("if ($login_status ~ ^5)", [
      `return 503 '${errorBody("UNAVAILABLE", "logins cannot be checked at the moment")}';`,
    ]),
    `return 403 '${errorBody("DENIED", "requested access to the resource is denied: this user may only pull")}';`,
  ]);
}

function errorBody(code: string, message: string): string {
  return `${JSON.stringify({ errors: [{ code, message, detail: null }] })}\\n`;
}
