import { existsSync, readFileSync } from "node:fs";
import { Policy } from "../model/policy";

/**
 * @param usual where it is when nobody says otherwise; it need not be there
 * @throws an error whose message is for whoever wrote the file or named it
 */
export function policyIn(named: string | undefined, usual: string): Policy {
  const file = named ?? usual;
  if (!existsSync(file)) {
    if (named !== undefined) {
      throw new Error(`${named} is not there. Fix: name a policy that is, or leave --policy out`);
    }
    return Policy.parse("");
  }
  try {
    return Policy.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`);
  }
}

/** The stacks that were asked for, in the order in which they depend on each other. */
export function chosen(names: readonly string[], known: readonly string[]): string[] {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`"${unknown.join(" ")}" is not an environment; known are: ${known.join(", ")}`);
  }
  return known.filter((name) => names.length === 0 || names.includes(name));
}
