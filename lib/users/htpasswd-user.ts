import { Password } from "@cdktf/provider-random/lib/password";
import { Fn, Op, Token } from "cdktf";
import type { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { requireProvider } from "../core/provider-versions";
import { requireSecret } from "../core/secrets";
import { TerraformData } from "../core/terraform-data";
import { bcryptCost, DEFAULT_COST } from "./bcrypt-hash";
import { requireMoment } from "./expiry";
import { Access, type GeneratedUserProps, type HtpasswdUserProps } from "./htpasswd-user-props";
import type { Permission } from "./permission";

/** A user as the htpasswd file and the outputs know it. */
export interface HtpasswdEntry {
  /** The bcrypt hash; sensitive. */
  readonly hash: string;
  /**
   * The password; sensitive.
   *
   * @default - not known to Terraform, or known from elsewhere
   */
  readonly password?: string;
}

/**
 * A user of a registry, with a password that is kept as its bcrypt hash.
 *
 * @example
 * import { TerraformVariable } from "cdktf";
 * import { Access, HtpasswdUser } from "cdktf-docker-registry";
 *
 * const password = new TerraformVariable(stack, "alice", { type: "string", sensitive: true }).stringValue;
 * const users = [
 *   HtpasswdUser.generated("ci", { access: Access.PUSH }),
 *   HtpasswdUser.fromPassword("alice", password),
 * ];
 */
export abstract class HtpasswdUser {
  /**
   * A user with a password of 32 letters and digits that is an output of the deploy.
   *
   * @throws when the name cannot be a user's
   */
  public static generated(name: string, props: GeneratedUserProps = {}): HtpasswdUser {
    return new GeneratedUser(name, props);
  }

  /**
   * A user whose password nobody here knows: its bcrypt hash is enough.
   *
   * Whoever reads the hash can try passwords on it: take it from a sensitive variable where many read the code.
   *
   * @param bcryptHash what `htpasswd -nB` prints after the colon
   * @throws when it is another kind of hash, or not a whole one
   */
  public static fromHash(name: string, bcryptHash: string, props: HtpasswdUserProps = {}): HtpasswdUser {
    return new HashedUser(name, bcryptHash, props);
  }

  /**
   * A user whose password comes from elsewhere; it is hashed once, and anew when it changes.
   *
   * @param password a sensitive variable or another resource's attribute, of 1 to 72 bytes
   * @throws when the password is written in the code
   */
  public static fromPassword(name: string, password: string, props: HtpasswdUserProps = {}): HtpasswdUser {
    return new GivenUser(name, password, props);
  }

  /**
   * The users of an htpasswd file that exists already.
   *
   * @param text the file's text: lines of `name:hash`, empty lines and lines that begin with #
   * @throws when a line is something else, or ends as in Windows
   */
  public static fromHtpasswd(text: string, props: HtpasswdUserProps = {}): HtpasswdUser[] {
    if (text.includes("\r")) {
      throw invalidInput({
        where: "HtpasswdUser.fromHtpasswd",
        field: "text",
        got: "lines that end in CR LF",
        expected: "lines that end in LF: the CR would become part of each hash, and no password would fit",
        fix: "convert the file, for example with `dos2unix`",
      });
    }
    const lines = text.split("\n").map((line, i) => ({ line, number: i + 1 }));
    return lines
      .filter(({ line }) => line.trim() !== "" && !line.startsWith("#"))
      .map(({ line, number }) => {
        const colon = line.indexOf(":");
        if (colon < 0) {
          throw invalidInput({
            where: "HtpasswdUser.fromHtpasswd",
            field: `line ${number}`,
            got: "a line without a colon",
            expected: "name:hash",
            fix: "make the line with `htpasswd -nB <name>`",
          });
        }
        return new HashedUser(line.slice(0, colon), line.slice(colon + 1), props);
      });
  }

  /**
   * What the user may do in every repository, unless more is granted later.
   *
   * @default - nothing: `permissions` say what the user may do
   */
  public readonly access?: Access;

  /**
   * The moment from which the user is refused.
   *
   * @default - the user stays
   */
  public readonly expiresAt?: string;

  /** What the user may do by repository, unless more is granted later. */
  public readonly permissions: Permission[];

  protected constructor(
    public readonly name: string,
    props: HtpasswdUserProps,
    /** The cost of its bcrypt hash, as far as it is known at synth. */
    public readonly cost: number,
  ) {
    requireUserName(name);
    requireMoment(`user "${name}"`, "expiresAt", props.expiresAt);
    this.expiresAt = props.expiresAt;
    this.permissions = [...(props.permissions ?? [])];
    this.access = props.access ?? (this.permissions.length > 0 ? undefined : Access.PULL);
  }

  /**
   * Creates what the user needs.
   *
   * @param scope a construct of the user's own
   */
  public abstract bind(scope: Construct): HtpasswdEntry;
}

class GeneratedUser extends HtpasswdUser {
  constructor(
    name: string,
    private readonly props: GeneratedUserProps,
  ) {
    super(name, props, DEFAULT_COST);
  }

  public bind(scope: Construct): HtpasswdEntry {
    requireProvider(scope, "random");
    // bcrypt looks at 72 bytes at most; letters and digits need no quoting anywhere.
    const password = new Password(scope, "Password", {
      length: 32,
      special: false,
      keepers: this.props.rotation === undefined ? undefined : { rotation: this.props.rotation },
    });
    return { hash: password.bcryptHash, password: password.result };
  }
}

class HashedUser extends HtpasswdUser {
  constructor(
    name: string,
    private readonly bcryptHash: string,
    props: HtpasswdUserProps,
  ) {
    super(name, props, Token.isUnresolved(bcryptHash) ? DEFAULT_COST : bcryptCost(`user "${name}"`, bcryptHash));
  }

  public bind(): HtpasswdEntry {
    return { hash: Token.asString(Fn.sensitive(this.bcryptHash)) };
  }
}

class GivenUser extends HtpasswdUser {
  constructor(
    name: string,
    private readonly password: string,
    props: HtpasswdUserProps,
  ) {
    super(name, props, DEFAULT_COST);
    requireSecret(`user "${name}"`, "password", password ?? "", ", or let HtpasswdUser.generated make one up");
  }

  public bind(scope: Construct): HtpasswdEntry {
    requireProvider(scope, "random");
    const salt = new Password(scope, "Salt", { length: 32, special: false });
    const digest = new TerraformData(scope, "Digest", {
      input: Fn.sensitive(Fn.sha256(Fn.join("", [salt.result, this.password]))),
    });
    // Terraform's bcrypt takes a new salt on each run: the first hash is kept until the password is another one.
    // It is kept as a trigger because plans show what is kept as an input: its copy, the output, is in clear.
    const hash = new TerraformData(scope, "Hash", {
      triggersReplace: Fn.sensitive(Fn.bcrypt(this.password, DEFAULT_COST)),
      lifecycle: {
        ignoreChanges: ["triggers_replace"],
        replaceTriggeredBy: [`${digest.terraformResourceType}.${digest.friendlyUniqueId}`],
        precondition: [
          {
            condition: Token.asString(
              Op.and(
                Op.gte(Fn.lengthOf(this.password), 1),
                Op.lte(Fn.lengthOf(Fn.base64encode(this.password)), LONGEST_IN_BASE64),
              ),
            ),
            errorMessage: `The password of user ${this.name} must have 1 to 72 bytes: bcrypt looks at no more. Fix: set its variable and deploy again.`,
          },
        ],
      },
    });
    return { hash: Token.asString(Fn.sensitive(hash.interpolationForAttribute("triggers_replace"))) };
  }
}

// bcrypt looks at 72 bytes; Terraform counts characters, and bytes only of base64.
const LONGEST_IN_BASE64 = 96;

// What htpasswd, nginx.conf, shells and logs all take as it stands.
const USER_NAME = /^[a-zA-Z0-9][a-zA-Z0-9._@+-]{0,127}$/;

function requireUserName(name: string): void {
  if (typeof name !== "string" || Token.isUnresolved(name) || !USER_NAME.test(name)) {
    throw invalidInput({
      where: "HtpasswdUser",
      field: "name",
      got: Token.isUnresolved(name) ? "a value that is only known at deploy" : name,
      expected: "1 to 128 letters, digits, and . _ @ + - after the first of them",
      fix: 'write a name such as "ci" or "alice@example.com"',
    });
  }
}
