import type { IRegistryUsers } from "../../../registry/registry-part";
import { block } from "../block";
import { DECOY_HEADER } from "./decoy";

/**
 * Characters of an Authorization header that can be a user's: a name of 128 bytes and a password of 255, in base64.
 * crypt ends at once for a password of 512 bytes, and the server that checks takes no header of 8 KiB.
 */
const LONGEST_LOGIN = 520;

/** What is known of a request's user; `$user_access` is empty for names that are not users'. */
export function userMaps({ realm, pullUsers, pushUsers }: IRegistryUsers): string[] {
  return [
    "# Longer than any login: as a name that is not a user's, or the time of the answer would tell whose name it is.",
    ...block("map $http_authorization $login_name", [`'~^.{${LONGEST_LOGIN + 1}}' '';`, "default $remote_user;"]),
    "# The users. nginx looks names up without regard to case, and the next map makes up for it.",
    ...block("map $login_name $user", [
      ...pushUsers.map((name) => `${mapKey(name)} "${name}:push";`),
      ...pullUsers.map((name) => `${mapKey(name)} "${name}:pull";`),
      "default '';",
    ]),
    ...block('map "$login_name:$user" $user_access', [
      "'~^([^:]+):\\1:push$' push;",
      "'~^([^:]+):\\1:pull$' pull;",
      "default '';",
    ]),
    "# Who may pull may read; everything else is a push. Names that are not users' are granted nothing.",
    ...block('map "$user_access $request_method" $login_check', [
      "'~^ ' unknown;",
      "'~^pull (?!(GET|HEAD|OPTIONS)$)' denied;",
      "default granted;",
    ]),
    "# A made-up name is checked as another one whose check takes as long and fails:",
    "# who is a user cannot be told by the time that an answer takes.",
    ...block("map $user_access $checked_login", [`'' '${DECOY_HEADER}';`, "default $http_authorization;"]),
    "# Asked for once: the server that checks has asked already, and nginx passes that on.",
    ...block('map "$status $sent_http_www_authenticate" $challenge', [
      `'401 ' 'Basic realm="${realm}"';`,
      "default '';",
    ]),
  ];
}

// Words with a meaning of their own in a map, which nginx looks for after it has taken the quotes away.
const WORDS_OF_MAPS = ["default", "hostnames", "include", "volatile"];

/** A user's name as the first word of a line in a map. */
export function mapKey(name: string): string {
  return WORDS_OF_MAPS.includes(name) ? `"\\${name}"` : `"${name}"`;
}
