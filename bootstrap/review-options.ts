import { parseArgs } from "node:util";
import { FORMATS, type Format } from "../review/run/report";
import { ExpectedFailure } from "./failure";

export interface ReviewOptions {
  /** None: all of them. */
  readonly environments: readonly string[];
  readonly against?: string;
  readonly driftOnly: boolean;
  readonly format: Format;
  readonly policy?: string;
}

const USAGE =
  "npm run review -- [environment…] [--against <git ref>] [--drift] [--format terminal|markdown|json] [--policy <file>]";

export function reviewOptions(args: readonly string[]): ReviewOptions {
  const { values, positionals } = parsed(args);
  const format = FORMATS.find((one) => one === (values.format ?? "terminal"));
  if (format === undefined) {
    throw new ExpectedFailure(`"${values.format}" is no format; known are: ${FORMATS.join(", ")}`);
  }
  if (values.against !== undefined && values.drift) {
    throw new ExpectedFailure("--against compares two texts, and --drift asks the engine: choose one of them");
  }
  const { against, drift = false, policy } = values;
  return { environments: positionals, against, driftOnly: drift, format, policy };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        against: { type: "string" },
        drift: { type: "boolean" },
        format: { type: "string" },
        policy: { type: "string" },
      },
    });
  } catch (error) {
    throw new ExpectedFailure(`${(error as Error).message}\n    ${USAGE}`);
  }
}
