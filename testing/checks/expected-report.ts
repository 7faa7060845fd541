import { worst } from "../../review/model/change";
import { Policy } from "../../review/model/policy";
import { renderMarkdown } from "../../review/render/markdown";
import type { Interruption, PreparedChange } from "../stacks/prepared-changes";
import type { Outcome } from "./reviewed-change";

/** How long clients may go without an answer for a sentence of the report to be true; two cores, also while others use them. */
const BOUNDS: Readonly<Record<Exclude<Interruption, "for good">, readonly [number, number]>> = {
  none: [0, 0],
  registry: [100, 8000],
  proxy: [100, 8000],
  network: [500, 15_000],
  "registry and proxy": [300, 12_000],
};

/** The report says what was written down before, and the client noticed what the report says. */
export function expectReport(prepared: PreparedChange, { review, failures, failingMs, answered }: Outcome): void {
  const text = renderMarkdown(Policy.parse("").apply([review]));
  for (const words of prepared.says) {
    expect(text.replace(/\\/g, "")).toMatch(words);
  }
  const severities = [...review.changes, ...review.findings, ...review.drift].map(({ severity }) => severity);
  expect(severities.length === 0 ? "nothing" : worst(severities)).toBe(prepared.severity);
  for (const [construct, names] of Object.entries(prepared.forcedBy ?? {})) {
    const change = review.changes.find(({ path }) => path === construct);
    expect({ construct, forcedBy: change?.forcedBy }).toEqual({
      construct,
      forcedBy: expect.arrayContaining([...names]),
    });
  }
  expect(answered).toBeGreaterThan(0);
  if (prepared.interruption === "for good") {
    expect(failures.length).toBeGreaterThan(10);
    return;
  }
  const [least, most] = BOUNDS[prepared.interruption];
  const noticed = { failingMs, failures: [...new Set(failures)] };
  if (most === 0) {
    expect(noticed).toEqual({ failingMs: 0, failures: [] });
  } else {
    expect(failingMs).toBeGreaterThanOrEqual(least);
    expect(failingMs).toBeLessThanOrEqual(most);
  }
}
