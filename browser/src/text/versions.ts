interface Version {
  readonly numbers: readonly number[];
  readonly suffix: string;
}

// A suffix needs a separator, unless it is one of those that Python has: `3f2a1b9` is a commit, not version 3.
const VERSION = /^v?(\d+(?:\.\d+)*)(?:[-_+.](.+)|((?:a|b|rc|alpha|beta|dev|post)\d*))?$/i;

function versionOf(tag: string): Version | undefined {
  const [, numbers, separated, attached] = VERSION.exec(tag) ?? [];
  return numbers === undefined
    ? undefined
    : { numbers: numbers.split(".").map(Number), suffix: separated ?? attached ?? "" };
}

const inOrder = new Intl.Collator("en", { numeric: true });

/** Orders tags as people read them: `latest`, then versions from the newest on, then other words. */
export function compareTags(a: string, b: string): number {
  if (a === "latest" || b === "latest") {
    return Number(b === "latest") - Number(a === "latest");
  }
  const [first, second] = [versionOf(a), versionOf(b)];
  if (!first || !second) {
    return Number(second !== undefined) - Number(first !== undefined) || inOrder.compare(a, b);
  }
  return (
    compareNumbers(first.numbers, second.numbers) || compareSuffixes(first.suffix, second.suffix) || (a < b ? -1 : 1)
  );
}

/** The higher one first; of `1.2` and `1.2.0` the one that moves. */
function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (b[i] ?? 0) - (a[i] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return a.length - b.length;
}

/** A release before its variants and release candidates, and of these the higher one first. */
function compareSuffixes(a: string, b: string): number {
  return a === "" || b === "" ? a.length - b.length : inOrder.compare(b, a);
}

/** Orders names with numbers in them as people do: `app-2` before `app-10`. */
export function compareNames(a: string, b: string): number {
  return inOrder.compare(a, b);
}
