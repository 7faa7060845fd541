import { parseArgs } from "node:util";
import { MEASURES } from "./measures";

/** What can be measured alone. */
const IDS = [...MEASURES.map(({ id }) => id), "deploy"];

export const USAGE = `npm run bench -- [options]

Deploys hand-made systems, the registry alone and this project's stacks side by side on an engine of its own and measures
them in turns. Takes up to 15 minutes and needs root; leave the machine to it.

  --quick          one round on small blobs, in up to 3 minutes; for a look, not for figures
  --rounds <n>     rounds (5)
  --only <ids>     measures, by commas: ${IDS.join(", ")}
  --chart          also draw bench/chart.svg
  --help           show this
`;

export interface Options {
  readonly quick: boolean;
  readonly rounds: number;
  /** Ids of measures. */
  readonly only?: string[];
  readonly chart: boolean;
  readonly help: boolean;
}

export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      only: { type: "string" },
      chart: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { quick, chart, help } = values;
  const rounds = Number(values.rounds ?? (quick ? 1 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds is ${values.rounds}, expected a whole number from 1, such as 5`);
  }
  const only = values.only?.split(",");
  const unknown = only?.find((id) => !IDS.includes(id));
  if (unknown !== undefined) {
    throw new Error(`--only has ${unknown}, expected some of ${IDS.join(", ")}, by commas`);
  }
  return { quick, chart, help, rounds, only };
}
