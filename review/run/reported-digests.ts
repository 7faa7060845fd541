import { readFileSync } from "node:fs";
import type { Fingerprint } from "../model/fingerprint";

/** What a review that was written as JSON has of a plan, by which the argument that differs can be named. */
export function reportedDigests(
  environment: string,
  fingerprint: string,
  report: string,
): Fingerprint["parts"] | undefined {
  const { environments } = JSON.parse(readFileSync(report, "utf8")) as {
    environments: readonly { environment: string; fingerprint?: string; digests?: Fingerprint["parts"] }[];
  };
  return environments.find((one) => one.environment === environment && one.fingerprint === fingerprint)?.digests;
}
