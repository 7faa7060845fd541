import { Password } from "@cdktf/provider-random/lib/password";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { requireProvider } from "../core/provider-versions";
import { terraformText } from "../core/terraform-text";
import { requireWholeNumber } from "../core/validation";
import { ConfigVolume } from "../docker/config-volume";
import { HTPASSWD } from "../proxy/conf/logins/login-server";
import { loginBinding } from "../proxy/login";
import type { IProxyAuth, ProxyBinding, ProxyContext } from "../proxy/proxy-part";
import type { IRegistryAuth, IRegistryUsers, RegistryBinding, RegistryContext } from "../registry/registry-part";
import { EVERYBODY, type RegistryRights } from "../registry/registry-rights";
import { DEFAULT_COST } from "./bcrypt-hash";
import { warnOfExpiry } from "./expiry";
import { GrantedRights } from "./granted-rights";
import {
  notAtRegistry,
  noUsers,
  requireKnownName,
  requireNewName,
  requireRealm,
  requireTokensForEverybody,
  warnAboutCost,
  warnAboutOpenWrites,
} from "./htpasswd-auth-checks";
import type { HtpasswdAuthProps } from "./htpasswd-auth-props";
import type { HtpasswdEntry, HtpasswdUser } from "./htpasswd-user";
import { Access } from "./htpasswd-user-props";
import { Permission } from "./permission";

const USERS_FOLDER = "/users";

/**
 * Users by name and password (HTTP basic), kept as bcrypt hashes in an htpasswd file.
 *
 * Bind it to one place. At the proxy (`NginxProxy`'s `auth`) a login is checked once an hour and remembered in between:
 * thousands of requests a second, and guessing passwords does not slow other users. At the registry
 * (`RegistryContainer`'s `auth`) the proxy does the same, and passes right passwords on to the registry, which checks them
 * again: nobody gets round the proxy, but each request costs a bcrypt check.
 * In both, users change by a deploy without a restart.
 *
 * @example
 * import { Access, HtpasswdAuth, HtpasswdUser } from "cdktf-docker-registry";
 *
 * const auth = new HtpasswdAuth(stack, "Users", {
 *   users: [HtpasswdUser.generated("ci", { access: Access.PUSH }), HtpasswdUser.generated("reader")],
 * });
 */
export class HtpasswdAuth extends Construct implements IProxyAuth, IRegistryAuth, IRegistryUsers {
  public readonly realm: string;
  public readonly loginsPerSecond: number;

  private readonly users = new Map<string, HtpasswdUser>();
  private readonly entries = new Map<string, HtpasswdEntry>();
  private readonly pushers = new Set<string>();
  private readonly granted = new GrantedRights();
  private tokenKey?: Password;

  /** @throws when a user, a permission, the realm or the number of logins is one that nginx or the registry would not take */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: HtpasswdAuthProps = {},
  ) {
    super(scope, id);
    this.realm = props.realm ?? "Registry";
    requireRealm(this, this.realm);
    requireWholeNumber(this, "loginsPerSecond", props.loginsPerSecond, { min: 1, max: 1000, example: 5 });
    this.loginsPerSecond = props.loginsPerSecond ?? 2;
    this.node.addValidation({ validate: () => (this.users.size === 0 ? [noUsers(this)] : []) });
    for (const user of props.users ?? []) {
      this.addUser(user);
    }
    for (const permission of props.everybody ?? []) {
      this.grantEverybody(permission);
    }
    if (props.tokens) {
      this.makeTokenKey();
    }
  }

  /**
   * Adds a user.
   *
   * @throws when there is one of that name
   */
  public addUser(user: HtpasswdUser): void {
    requireNewName(this, user.name, [...this.users.keys()]);
    warnAboutCost(this, user, [...this.users.values()]);
    this.users.set(user.name, user);
    const scope = new Construct(this, user.name);
    this.entries.set(user.name, user.bind(scope));
    if (user.expiresAt !== undefined) {
      warnOfExpiry(scope, user.name, user.expiresAt);
    }
    if (user.access === Access.PUSH) {
      this.pushers.add(user.name);
    }
    this.grant(user.name, user.permissions);
  }

  /**
   * Lets a user pull.
   *
   * @param name name of the user
   * @param repositories patterns such as `"team-a/**"`; all repositories when left out, which is what users may by default
   * @throws when there is no user of that name, or a pattern fits no repository
   */
  public grantPull(name: string, ...repositories: string[]): void {
    this.requireUser(name, "grantPull");
    if (repositories.length > 0 || this.users.get(name)?.access === undefined) {
      this.grant(name, [Permission.pull(...orAll(repositories))]);
    }
  }

  /**
   * Lets a user pull and push, by patterns; without them also delete, as `Access.PUSH` does.
   *
   * @param name name of the user
   * @param repositories patterns such as `"team-a/**"`; everything in all repositories when left out
   * @throws when there is no user of that name, or a pattern fits no repository
   */
  public grantPush(name: string, ...repositories: string[]): void {
    this.requireUser(name, "grantPush");
    if (repositories.length > 0) {
      this.grant(name, [Permission.push(...repositories)]);
    } else {
      this.pushers.add(name);
    }
  }

  /**
   * Lets a user pull and delete.
   *
   * @param name name of the user
   * @param repositories patterns such as `"team-a/**"`; all repositories when left out
   * @throws when there is no user of that name, or a pattern fits no repository
   */
  public grantDelete(name: string, ...repositories: string[]): void {
    this.requireUser(name, "grantDelete");
    this.grant(name, [Permission.delete(...orAll(repositories))]);
  }

  /**
   * Lets everybody do something, without a login.
   *
   * @throws when there are to be no tokens, without which Docker cannot pull without a login
   */
  public grantEverybody(permission: Permission): void {
    requireTokensForEverybody(this, this.props.tokens);
    warnAboutOpenWrites(this, permission.actions);
    this.grant(EVERYBODY, [permission]);
  }

  /** Rights that are not the same for all repositories, or end, where there are any. */
  public get rights(): RegistryRights | undefined {
    const { expiries } = this;
    return this.granted.areByRepository || this.tokenKey || expiries
      ? { rules: this.granted.rules(this.pushUsers, this.pullUsers), tokenKey: this.tokenKey?.result, expiries }
      : undefined;
  }

  /** The passwords that Terraform knows, by user: for a sensitive output. */
  public get passwords(): { [name: string]: string } {
    return Object.fromEntries(this.sorted().flatMap(([name, { password }]) => (password ? [[name, password]] : [])));
  }

  /** Names of those who may push everything. */
  public get pushUsers(): string[] {
    return this.names().filter((name) => this.pushers.has(name));
  }

  /** Names of those who may pull everything, and nothing else that is not said by repository. */
  public get pullUsers(): string[] {
    return this.names().filter((name) => !this.pushers.has(name) && this.users.get(name)?.access !== undefined);
  }

  /** The bcrypt hash of each user's password, by name; sensitive. */
  public get passwordHashes(): { [name: string]: string } {
    return Object.fromEntries(this.sorted().map(([name, { hash }]) => [name, hash]));
  }

  /** The highest cost of these hashes, as far as it is known at synth. */
  public get bcryptCost(): number {
    return Math.max(DEFAULT_COST, ...[...this.users.values()].map(({ cost }) => cost));
  }

  public bindToProxy(_scope: Construct, context: ProxyContext): ProxyBinding {
    return loginBinding(this, context, false);
  }

  public bindToRegistry(scope: Construct, { imageId }: RegistryContext): RegistryBinding {
    this.node.addValidation({
      validate: () => [
        ...(this.granted.areForEverybody ? [notAtRegistry(this, "everybody may do something")] : []),
        ...(this.props.tokens ? [notAtRegistry(this, "tokens is true")] : []),
      ],
    });
    // The registry reads this file again whenever it has changed, where config.yml takes a new process.
    const users = new ConfigVolume(scope, "Users", { imageId });
    const lines = () => this.sorted().map(([name, { hash }]) => `${name}:${hash}\n`);
    users.addSecretFile(HTPASSWD, Lazy.stringValue({ produce: () => terraformText(lines().join("")) }));
    return {
      config: { auth: { htpasswd: { realm: this.realm, path: `${USERS_FOLDER}/current/${HTPASSWD}` } } },
      mounts: [users.mountAt(USERS_FOLDER)],
      dependsOn: [users.writer],
      users: this,
    };
  }

  private get expiries(): { [name: string]: string } | undefined {
    const found = this.names().flatMap((name): [string, string][] => {
      const expiresAt = this.users.get(name)?.expiresAt;
      return expiresAt === undefined ? [] : [[name, expiresAt]];
    });
    return found.length > 0 ? Object.fromEntries(found) : undefined;
  }

  private grant(name: string, permissions: Permission[]): void {
    this.granted.grant(name, ...permissions);
    if (permissions.length > 0 && this.props.tokens !== false) {
      this.makeTokenKey();
    }
  }

  /** Made when it is needed first: registries without rights by repository have none, and keep their plans empty. */
  private makeTokenKey(): void {
    if (this.tokenKey === undefined) {
      requireProvider(this, "random");
      // No user can have a name that begins like this.
      this.tokenKey = new Password(this, "_TokenKey", { length: 48, special: false });
    }
  }

  private requireUser(name: string, field: string): void {
    requireKnownName(this, field, name, this.names());
  }

  private names(): string[] {
    return this.sorted().map(([name]) => name);
  }

  private sorted(): [string, HtpasswdEntry][] {
    return [...this.entries].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

function orAll(repositories: string[]): string[] {
  return repositories.length > 0 ? repositories : ["**"];
}
