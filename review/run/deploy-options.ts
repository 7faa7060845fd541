import { parseArgs } from "node:util";

/** What is to be deployed. */
export interface DeployOptions {
  readonly environment: string;
  /** The fingerprint of the plan that was read. */
  readonly reviewed: string;
  /** The review as JSON. */
  readonly report?: string;
}

/** @throws an error whose message is for whoever typed the arguments */
export function deployOptions(args: readonly string[], usage: string): DeployOptions {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { reviewed: { type: "string" }, report: { type: "string" } },
    });
    const [environment] = positionals;
    if (positionals.length !== 1 || values.reviewed === undefined) {
      throw new Error("an environment and a fingerprint are needed, as the review prints them");
    }
    return { environment, reviewed: values.reviewed, report: values.report };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n    ${usage}`);
  }
}
