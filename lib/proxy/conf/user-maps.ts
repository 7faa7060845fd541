import type { IRegistryUsers } from "../../registry/binding";
import { block } from "./block";

/** In the htpasswd file, for names that are not; nobody can log in with it, as it is never passed on for a client. */
export const DECOY = "nobody:of-this-name";

const [DECOY_NAME] = DECOY.split(":");
const DECOY_HEADER = `Basic ${Buffer.from(DECOY).toString("base64")}`;

/** The decoy's line of the htpasswd file. */
export function decoyEntry(hash: string): string {
  return `${DECOY_NAME}:${hash}`;
}

/** What both ways to check users know of a request; `$user_access` is empty for names that are not users'. */
export function userMaps({ realm, pullUsers, pushUsers }: IRegistryUsers): string[] {
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
