import { Fn, Lazy } from "cdktf";
import { terraformText } from "../core/terraform-text";
import type { IRegistryUsers } from "../registry/registry-part";
import { cachedLogin, USER_VERSIONS } from "./conf/logins/cached-login";
import { decoyEntry } from "./conf/logins/decoy";
import { HTPASSWD, LOGIN_CONF, loginServer } from "./conf/logins/login-server";
import { mapKey } from "./conf/logins/user-maps";
import type { ProxyBinding } from "./proxy-part";

/**
 * The check of users at a proxy.
 *
 * @param registryChecks whether the registry checks them again, and therefore needs to see passwords
 */
export function loginBinding(users: IRegistryUsers, registryChecks: boolean): ProxyBinding {
  const server = loginServer(users);
  const hashes = () => Object.entries(users.passwordHashes).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    users,
    // Late, so that users who are added after this line still count.
    get nginx() {
      return cachedLogin(users, registryChecks);
    },
    files: [
      { path: LOGIN_CONF, content: server, review: server },
      {
        path: HTPASSWD,
        content: late(() => [...hashes().map(([name, hash]) => `${name}:${hash}`), decoyEntry(users.bcryptCost)]),
      },
      {
        path: USER_VERSIONS,
        content: late(() => hashes().map(([name, hash]) => `${mapKey(name)} "${Fn.substr(Fn.sha256(hash), 0, 16)}";`)),
      },
    ],
  };
}

function late(lines: () => string[]): string {
  return Lazy.stringValue({ produce: () => terraformText(`${lines().join("\n")}\n`) });
}
