import { Annotations } from "cdktf";
import type { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { isKnown } from "../core/validation";
import type { HtpasswdUser } from "./htpasswd-user";

// What a quoted string of nginx.conf and of an HTTP header takes as it stands.
const REALM = /^[A-Za-z0-9 ._@:/()+-]{1,128}$/;

export function requireRealm(where: Construct, realm: string): void {
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

export function requireNewName(where: Construct, name: string, others: string[]): void {
  const other = others.find((one) => one.toLowerCase() === name.toLowerCase());
  if (other !== undefined) {
    throw invalidInput({
      where,
      field: "users",
      got: name,
      expected: `a name that no other user has, whatever its case (there is "${other}")`,
      fix: "name each user once; grantPush gives a user more",
    });
  }
}

export function warnAboutCost(where: Construct, user: HtpasswdUser, others: HtpasswdUser[]): void {
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
  const other = others.find(({ cost }) => cost !== user.cost);
  if (other) {
    Annotations.of(where).addWarning(
      `the bcrypt costs of "${other.name}" (${other.cost}) and "${user.name}" (${user.cost}) differ: a made-up name is checked as long as the dearest, so the time of an answer tells that the cheaper one is a user. Make all hashes with one cost`,
    );
  }
}

export function noUsers(where: Construct): string {
  return `${where.node.path}: nobody can log in without users. Fix: pass users, or call addUser`;
}

/** What only a proxy can do that checks the users itself. */
export function notAtRegistry(where: Construct, what: string): string {
  return `${where.node.path}: ${what}, which cannot be had where the registry checks the users: it asks each request for a password. Fix: let the proxy check them (NginxProxy's auth, or LoginPlace.PROXY)`;
}

/** Docker's engine sends its login only to who asks for it, and so asks for a token where it has none. */
export function requireTokensForEverybody(where: Construct, tokens: boolean | undefined): void {
  if (tokens === false) {
    throw invalidInput({
      where,
      field: "tokens",
      got: tokens,
      expected: "true or nothing where everybody may do something: without tokens, Docker cannot pull without a login",
      fix: "leave tokens out, or grant nothing to everybody",
    });
  }
}

export function warnAboutOpenWrites(where: Construct, actions: string[]): void {
  const writes = actions.filter((action) => action !== "pull");
  if (writes.length > 0) {
    Annotations.of(where).addWarning(
      `everybody who reaches the port may ${writes.join(" and ")}, without a login. Grant that to users, and Permission.pull to everybody`,
    );
  }
}

/** @throws when there is no user of that name */
export function requireKnownName(where: Construct, field: string, name: string, known: readonly string[]): void {
  if (!known.includes(name)) {
    throw invalidInput({
      where,
      field,
      got: name,
      expected: `the name of a user (there are: ${known.join(", ") || "none"})`,
      fix: "call addUser first, such as addUser(HtpasswdUser.generated(name))",
    });
  }
}
