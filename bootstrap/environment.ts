import type { Environment } from "../environments/environment";
import { synthFailure } from "./deploy";
import { ExpectedFailure } from "./failure";

/** The environment that a command is about: its only argument, or `local`. */
export async function chosenEnvironment(args: readonly string[] = process.argv.slice(2)): Promise<string> {
  return choose(args, Object.keys(await knownEnvironments()));
}

export async function environmentNamed(name: string): Promise<Environment> {
  return (await knownEnvironments())[name];
}

export function choose(args: readonly string[], known: readonly string[]): string {
  const [name = "local", ...rest] = args;
  if (rest.length > 0 || !known.includes(name)) {
    const got = rest.length > 0 ? `"${args.join(" ")}"` : `"${name}"`;
    throw new ExpectedFailure(`${got} is not an environment; known are: ${known.join(", ")}`);
  }
  return name;
}

async function knownEnvironments(): Promise<{ readonly [name: string]: Environment }> {
  try {
    return (await import("../environments")).environments;
  } catch (error) {
    throw synthFailure(String(error)); // an environment's file with bad input
  }
}
