import { parseArgs } from "node:util";

const FORMATS = ["terminal", "markdown", "json"] as const;

export type Format = (typeof FORMATS)[number];

/** What a review is asked for. */
export interface ReviewOptions {
  /** Names of stacks; none: all of them. */
  readonly environments: readonly string[];
  readonly against?: string;
  readonly driftOnly: boolean;
  readonly format: Format;
  readonly policy?: string;
  /** A file that gets the report as JSON too, whatever the format. */
  readonly json?: string;
}

/** @throws an error whose message is for whoever typed the arguments */
export function reviewOptions(args: readonly string[], usage: string): ReviewOptions {
  const { values, positionals } = parsed(args, usage);
  const format = FORMATS.find((one) => one === (values.format ?? "terminal"));
  if (format === undefined) {
    throw new Error(`"${values.format}" is no format; known are: ${FORMATS.join(", ")}`);
  }
  if (values.against !== undefined && values.drift) {
    throw new Error("--against compares two texts, and --drift asks the provider: choose one of them");
  }
  const { against, drift = false, policy, json } = values;
  return { environments: positionals, against, driftOnly: drift, format, policy, json };
}

function parsed(args: readonly string[], usage: string) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        against: { type: "string" },
        drift: { type: "boolean" },
        format: { type: "string" },
        policy: { type: "string" },
        json: { type: "string" },
      },
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}\n    ${usage}`);
  }
}
