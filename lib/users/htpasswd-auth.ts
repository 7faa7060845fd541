import { Annotations, Lazy } from "cdktf";
import { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { terraformText } from "../core/terraform-text";
import { isKnown, requireWholeNumber } from "../core/validation";
import { ConfigVolume } from "../docker/config-volume";
import { HTPASSWD } from "../proxy/conf/logins/login-server";
import { loginBinding } from "../proxy/login";
import type { IProxyAuth, ProxyBinding, ProxyContext } from "../proxy/proxy-part";
import type { IRegistryAuth, IRegistryUsers, RegistryBinding, RegistryContext } from "../registry/registry-part";
import { DEFAULT_COST } from "./bcrypt-hash";
import { Access, type HtpasswdEntry, type HtpasswdUser } from "./htpasswd-user";

const USERS_FOLDER = "/users";

/** Users with passwords, and what each of them may do. */
export interface HtpasswdAuthProps {
  /**
   * The users; more can be added later, but one there must be.
   *
   * @default - none yet
   */
  readonly users?: HtpasswdUser[];

  /**
   * Name of what the users log in to, as clients show it.
   *
   * @default "Registry"
   */
  readonly realm?: string;

  /**
   * Logins that the proxy checks a second for one address, or for one /64 network of IPv6; five are checked at once,
   * further ones wait, and more than forty waiting are refused (429). Logins that the proxy remembers are not counted.
   *
   * Behind a balancer all clients have the balancer's address, until nginx is told to believe what it says of them:
   * see docs/operations.md, "Behind a balancer".
   *
   * @default 2
   */
  readonly loginsPerSecond?: number;
}

/**
 * Users by name and password (HTTP basic), kept as bcrypt hashes in an htpasswd file.
 *
 * Bind it to one place. At the proxy (`NginxProxy`'s `auth`) a login is checked once an hour and remembered in between:
 * thousands of requests a second, and guessing passwords does not slow other users. At the registry
 * (`RegistryContainer`'s `auth`) the proxy does the same, and passes right passwords on to the registry, which checks them
 * again: nobody gets round the proxy, but each request costs a bcrypt check.
 * In both, users change by a deploy without a restart.
 */
export class HtpasswdAuth extends Construct implements IProxyAuth, IRegistryAuth, IRegistryUsers {
  public readonly realm: string;
  public readonly loginsPerSecond: number;

  private readonly users = new Map<string, HtpasswdUser>();
  private readonly entries = new Map<string, HtpasswdEntry>();
  private readonly pushers = new Set<string>();

  constructor(scope: Construct, id: string, props: HtpasswdAuthProps = {}) {
    super(scope, id);
    this.realm = props.realm ?? "Registry";
    requireRealm(this, this.realm);
    requireWholeNumber(this, "loginsPerSecond", props.loginsPerSecond, { min: 1, max: 1000, example: 5 });
    this.loginsPerSecond = props.loginsPerSecond ?? 2;
    this.node.addValidation({ validate: () => (this.users.size === 0 ? [noUsers(this)] : []) });
    for (const user of props.users ?? []) {
      this.addUser(user);
    }
  }

  /**
   * Adds a user.
   *
   * @throws when there is one of that name
   */
  public addUser(user: HtpasswdUser): void {
    const other = [...this.users.keys()].find((name) => name.toLowerCase() === user.name.toLowerCase());
    if (other !== undefined) {
      throw invalidInput({
        where: this,
        field: "users",
        got: user.name,
        expected: `a name that no other user has, whatever its case (there is "${other}")`,
        fix: "name each user once; grantPush gives a user more",
      });
    }
    warnAboutCost(this, user);
    this.warnAboutOtherCost(user);
    this.users.set(user.name, user);
    this.entries.set(user.name, user.bind(new Construct(this, user.name)));
    if (user.access === Access.PUSH) {
      this.pushers.add(user.name);
    }
  }

  /**
   * Lets a user pull, which every user may already.
   *
   * @param name name of the user
   * @throws when there is no user of that name
   */
  public grantPull(name: string): void {
    this.requireUser(name, "grantPull");
  }

  /**
   * Lets a user pull and push.
   *
   * @param name name of the user
   * @throws when there is no user of that name
   */
  public grantPush(name: string): void {
    this.requireUser(name, "grantPush");
    this.pushers.add(name);
  }

  /** The passwords that Terraform knows, by user: for a sensitive output. */
  public get passwords(): { [name: string]: string } {
    return Object.fromEntries(this.sorted().flatMap(([name, { password }]) => (password ? [[name, password]] : [])));
  }

  /** Names of those who may push. */
  public get pushUsers(): string[] {
    return this.names().filter((name) => this.pushers.has(name));
  }

  /** Names of those who may only pull. */
  public get pullUsers(): string[] {
    return this.names().filter((name) => !this.pushers.has(name));
  }

  /** The bcrypt hash of each user's password, by name; sensitive. */
  public get passwordHashes(): { [name: string]: string } {
    return Object.fromEntries(this.sorted().map(([name, { hash }]) => [name, hash]));
  }

  /** The highest cost of these hashes, as far as it is known at synth. */
  public get bcryptCost(): number {
    return Math.max(DEFAULT_COST, ...[...this.users.values()].map(({ cost }) => cost));
  }

  public bindToProxy(_scope: Construct, _context: ProxyContext): ProxyBinding {
    return loginBinding(this, false);
  }

  public bindToRegistry(scope: Construct, { imageId }: RegistryContext): RegistryBinding {
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

  private requireUser(name: string, field: string): void {
    if (!this.users.has(name)) {
      throw invalidInput({
        where: this,
        field,
        got: name,
        expected: `the name of a user (there are: ${this.names().join(", ") || "none"})`,
        fix: "call addUser first, such as addUser(HtpasswdUser.generated(name))",
      });
    }
  }

  private warnAboutOtherCost(user: HtpasswdUser): void {
    const other = [...this.users.values()].find(({ cost }) => cost !== user.cost);
    if (other) {
      Annotations.of(this).addWarning(
        `the bcrypt costs of "${other.name}" (${other.cost}) and "${user.name}" (${user.cost}) differ: a made-up name is checked as long as the dearest, so the time of an answer tells that the cheaper one is a user. Make all hashes with one cost`,
      );
    }
  }

  private names(): string[] {
    return this.sorted().map(([name]) => name);
  }

  private sorted(): [string, HtpasswdEntry][] {
    return [...this.entries].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

// What a quoted string of nginx.conf and of an HTTP header takes as it stands.
const REALM = /^[A-Za-z0-9 ._@:/()+-]{1,128}$/;

function requireRealm(where: Construct, realm: string): void {
  if (isKnown(realm) && !REALM.test(realm)) {
    throw invalidInput({
      where,
      field: "realm",
      got: realm,
      expected: "1 to 128 letters, digits, spaces and . _ @ : / ( ) + -",
      fix: 'write a name such as "Registry of the platform team"',
    });
  }
}

function warnAboutCost(where: Construct, user: HtpasswdUser): void {
  if (user.cost < 10) {
    Annotations.of(where).addWarning(
      `the bcrypt cost of "${user.name}" is ${user.cost}: who gets the hash tries passwords ${2 ** (10 - user.cost)} times as fast as at 10. Make the hash with htpasswd -nB -C 10`,
    );
  }
  if (user.cost > 14) {
    Annotations.of(where).addWarning(
      `the bcrypt cost of "${user.name}" is ${user.cost}: each login burns a core for seconds. Make the hash with a cost from 10 to 14`,
    );
  }
}

function noUsers(where: Construct): string {
  return `${where.node.path}: nobody can log in without users. Fix: pass users, or call addUser`;
}
