import { invalidInput } from "../core/errors";

/** The cost of what Terraform's random provider makes, and of what this library has hashed. */
export const DEFAULT_COST = 10;

// $2a$, $2b$ and $2y$ are one and the same for hashes made in this century; the registry refuses $2x$.
const BCRYPT = /^\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}$/;

/** The cost that a bcrypt hash names; every step up doubles the time of a check. */
export function bcryptCost(where: string, hash: string): number {
  const [, cost] = BCRYPT.exec(hash) ?? [];
  if (cost === undefined) {
    throw invalidInput({
      where,
      field: "hash",
      got: shape(hash),
      expected: "a whole bcrypt hash: $2a$, $2b$ or $2y$, two digits of cost, $, and 53 characters of ./A-Za-z0-9",
      fix: "make one with `htpasswd -nB -C 10 <name>` and take what comes after the colon",
    });
  }
  return Number(cost);
}

/** What kind of value it is, without the value: it may be a password, or a hash that was cut short. */
function shape(hash: string): string {
  const scheme = /^(\$[0-9a-z]+\$|\{[A-Z0-9]+\})/.exec(hash)?.[1] ?? "";
  return `${scheme}… (${hash.length} characters)`;
}
