import { invalidInput } from "../lib/core/errors";
import type { Environment } from "./environment";

const EVERY_ADDRESS = ["0.0.0.0", "::"];

/** Two environments on one engine cannot publish the same port of the same address; found here, not halfway through a deploy. */
export function requireDistinctPorts(environments: { readonly [name: string]: Environment }): void {
  const taken: { name: string; engine?: string; address: string; port: number }[] = [];
  for (const [name, { endpoint, engine }] of Object.entries(environments)) {
    const mine = { name, engine, address: endpoint.publishAddress, port: endpoint.publishPort };
    const other = taken.find(
      (one) => one.engine === mine.engine && one.port === mine.port && overlap(one.address, mine.address),
    );
    if (other) {
      throw invalidInput({
        where: `environments/${name}`,
        field: "endpoint",
        got: `${mine.address}:${mine.port}`,
        expected: `an address and port that no other environment publishes ("${other.name}" has ${other.address}:${other.port})`,
        fix: `give "${name}" or "${other.name}" another port`,
      });
    }
    taken.push(mine);
  }
}

function overlap(a: string, b: string): boolean {
  return a === b || EVERY_ADDRESS.includes(a) || EVERY_ADDRESS.includes(b);
}
