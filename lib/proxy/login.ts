import { Fn, Lazy } from "cdktf";
import { terraformText } from "../core/terraform-text";
import type { ConfigFile } from "../docker/config-volume";
import type { IRegistryUsers } from "../registry/registry-part";
import type { RegistryRights } from "../registry/registry-rights";
import { cachedLogin, USER_VERSIONS } from "./conf/logins/cached-login";
import { decoyEntry } from "./conf/logins/decoy";
import { HTPASSWD, LOGIN_CONF, loginServer } from "./conf/logins/login-server";
import { mapKey } from "./conf/logins/user-maps";
import { ACCESS_SCRIPTS, rightsByRepository } from "./conf/rights/rights-by-repository";
import {
  CREDENTIALS,
  credentialsFile,
  EXPIRIES,
  expiriesFile,
  REALM,
  RIGHTS,
  realmFile,
  rightsFile,
} from "./conf/rights/rights-files";
import { nginxUpstream } from "./conf/upstream";
import type { ProxyBinding, ProxyContext } from "./proxy-part";
import { scriptBeside } from "./scripts";

/**
 * The check of users at a proxy.
 *
 * @param registryChecks whether the registry checks them again, and therefore needs to see passwords
 */
export function loginBinding(users: IRegistryUsers, context: ProxyContext, registryChecks: boolean): ProxyBinding {
  const server = loginServer(users);
  const hashes = () => Object.entries(users.passwordHashes).sort(([a], [b]) => (a < b ? -1 : 1));
  const always = [
    { path: LOGIN_CONF, content: server, review: server },
    {
      path: HTPASSWD,
      content: late(() => lines([...hashes().map(([name, hash]) => `${name}:${hash}`), decoyEntry(users.bcryptCost)])),
    },
  ];
  const versions = {
    path: USER_VERSIONS,
    content: late(() =>
      lines(hashes().map(([name, hash]) => `${mapKey(name)} "${Fn.substr(Fn.sha256(hash), 0, 16)}";`)),
    ),
  };
  // Late, so that users and rights that are added after this line still count.
  return {
    users,
    get nginx() {
      const hasTokens = !registryChecks && users.rights?.tokenKey !== undefined;
      return users.rights
        ? rightsByRepository(users, { registryChecks, hasTokens, upstream: nginxUpstream(context.registry.upstream) })
        : cachedLogin(users, registryChecks);
    },
    get files() {
      return [...always, ...(users.rights ? rightsFiles(users, users.rights, context, registryChecks) : [versions])];
    },
  };
}

function rightsFiles(
  users: IRegistryUsers,
  rights: RegistryRights,
  { endpoint, hostNames }: ProxyContext,
  registryChecks: boolean,
): ConfigFile[] {
  const rules = rightsFile(rights.rules);
  const expiries = rights.expiries && expiriesFile(rights.expiries);
  // Over plain HTTP the proxy refuses foreign names for all requests; others may be addresses that nobody can list.
  const names = endpoint.scheme === "https" ? hostNames : undefined;
  const realm = realmFile(users, { scheme: endpoint.scheme, hostPort: endpoint.hostPort, names });
  return [
    { path: RIGHTS, content: rules, review: rules },
    { path: REALM, content: realm, review: realm },
    ...(expiries ? [{ path: EXPIRIES, content: expiries, review: expiries }] : []),
    { path: CREDENTIALS, content: credentialsFile(users, registryChecks ? undefined : rights.tokenKey) },
    ...ACCESS_SCRIPTS.map(scriptBeside),
  ];
}

function late(produce: () => string): string {
  return Lazy.stringValue({ produce: () => terraformText(produce()) });
}

function lines(all: string[]): string {
  return `${all.join("\n")}\n`;
}
