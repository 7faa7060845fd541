import { worst } from "../../review/model/change";
import { Policy } from "../../review/model/policy";
import { renderMarkdown } from "../../review/render/markdown";
import type { Interruption, PreparedChange } from "../stacks/prepared-changes";
import type { Noticed, Outcome } from "./reviewed-change";

/** How long clients may go without an answer for a sentence of the report to be true; two cores, also while others use them. */
const BOUNDS: Readonly<Record<Exclude<Interruption, "for good">, readonly [number, number]>> = {
  none: [0, 0],
  registry: [100, 8000],
  proxy: [100, 8000],
  network: [500, 15_000],
  "registry and proxy": [300, 12_000],
};

/** The report says what was written down before, and the client noticed what the report says. */
export function expectReport(prepared: PreparedChange, { review, pulls, pushes }: Outcome): void {
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
  if (prepared.interruption === "for good") {
    expect([pulls, pushes].map(({ failures }) => failures.length > 5)).toEqual([true, true]);
    return;
  }
  // A registry that is made anew is missed by those who push only.
  expectWithin(pulls, BOUNDS[prepared.interruption === "registry" ? "none" : prepared.interruption]);
  expectWithin(pushes, BOUNDS[prepared.interruption]);
}

function expectWithin({ failures, failingMs, answered }: Noticed, [least, most]: readonly [number, number]): void {
  expect(answered).toBeGreaterThan(0);
  if (most === 0) {
    expect({ failingMs, failures: [...new Set(failures)] }).toEqual({ failingMs: 0, failures: [] });
  } else {
    expect(failingMs).toBeGreaterThanOrEqual(least);
    expect(failingMs).toBeLessThanOrEqual(most);
  }
}
