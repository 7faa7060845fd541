import type { ImmutableTags } from "../registry/immutable-tags";

/**
 * Immutable tags as the script reads them, a line each: regular expressions of repositories and of tags, which have no bar.
 * The proxy reads the patterns by components; none that it covers is missing here.
 */
export function immutableRules(rules: ImmutableTags[]): string {
  return rules
    .map(({ tags, repositories = ["**"] }) =>
      [repositories.map(repositoryExpression), tags.map((tag) => escaped(tag).replace(/\*+/g, ".*"))]
        .map((expressions) => expressions.join(" "))
        .join("|"),
    )
    .join("\n");
}

/** `**` before a slash may stand for nothing. */
function repositoryExpression(pattern: string): string {
  return escaped(pattern).replace(/\*\*\/|\*\*|\*/g, (star) => ({ "**/": "(.*/)?", "**": ".*" })[star] ?? "[^/]*");
}

function escaped(pattern: string): string {
  return pattern.replace(/\./g, "[.]");
}
