import type { Finding } from "../model/change";

interface Rule {
  readonly repositories: readonly string[];
  readonly tags: readonly string[];
}

/** What becomes of tags when immutable-tags.json is another one. */
export function immutableTagsFindings(before: string, after: string): Finding[] {
  const [old, next] = [rules(before), rules(after)];
  const missing = old.filter((rule) => !next.includes(rule));
  const added = next.filter((rule) => !old.includes(rule));
  return [
    ...missing.map(
      (rule): Finding => ({
        severity: "danger",
        text: `Tags ${rule} are not immutable any more by that rule: a push may replace them, and retention may remove them.`,
      }),
    ),
    ...added.map(
      (rule): Finding => ({
        severity: "notice",
        text: `Tags ${rule} are immutable from now on: pushes of something else over them, and deletes, are refused.`,
      }),
    ),
  ];
}

function rules(text: string): string[] {
  try {
    return JSON.parse(text).map(({ repositories, tags }: Rule) => `${tags.join(", ")} in ${repositories.join(", ")}`);
  } catch {
    return [];
  }
}
