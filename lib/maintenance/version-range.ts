import { invalidInput } from "../core/errors";

/** Versions from the first up to, but without, the second; each as one number. */
export interface VersionRange {
  readonly from: number;
  readonly below: number;
}

/** Room for five digits in each of the three parts; awk and JavaScript count so far exactly. */
const MAJOR = 1e10;
const MINOR = 1e5;
const MOST = 1e15;

/**
 * A range such as `1.2`, `2.x`, `^1.4.0`, `~1.4.2`, `>=1.0.0 <3.0.0` or `*`.
 *
 * @see https://semver.org
 */
export function parseVersionRange(where: string, field: string, text: string): VersionRange {
  let range = { from: 0, below: MOST };
  for (const word of String(text).trim().split(/\s+/)) {
    const match = /^(\^|~|>=|<)?v?(?:\*|(\d{1,5})(?:\.(\d{1,5}|x|\*))?(?:\.(\d{1,5}|x|\*))?)$/.exec(word);
    if (!match || (match[1] && match[2] === undefined)) {
      throw invalidInput({
        where,
        field,
        got: text,
        expected: "a range of versions",
        fix: 'write it like "2.x", "^1.4.0", "~1.4.2", ">=1.0.0 <3.0.0" or "*"',
      });
    }
    const next = bounds(match[1], match.slice(2).map(part));
    range = { from: Math.max(range.from, next.from), below: Math.min(range.below, next.below) };
  }
  if (range.from >= range.below) {
    throw invalidInput({
      where,
      field,
      got: text,
      expected: "a range that some version is in",
      fix: "turn the two around",
    });
  }
  return range;
}

function part(text: string | undefined): number | undefined {
  return text === undefined || !/^\d/.test(text) ? undefined : Number(text);
}

function bounds(operator: string | undefined, [major, minor, patch]: (number | undefined)[]): VersionRange {
  if (major === undefined) {
    return { from: 0, below: MOST };
  }
  const from = major * MAJOR + (minor ?? 0) * MINOR + (patch ?? 0);
  const nextMajor = (major + 1) * MAJOR;
  const nextMinor = major * MAJOR + ((minor ?? 0) + 1) * MINOR;
  switch (operator) {
    case ">=":
      return { from, below: MOST };
    case "<":
      return { from: 0, below: from };
    case "^":
      // The leftmost number that is not zero may not change.
      if (major > 0 || minor === undefined) {
        return { from, below: nextMajor };
      }
      return { from, below: minor > 0 || patch === undefined ? nextMinor : from + 1 };
    case "~":
      return { from, below: minor === undefined ? nextMajor : nextMinor };
    default:
      if (minor === undefined) {
        return { from, below: nextMajor };
      }
      return { from, below: patch === undefined ? nextMinor : from + 1 };
  }
}
