import type { IConstruct } from "constructs";
import { invalidInput } from "../core/errors";
import { requireRepositoryPattern } from "../core/repository-pattern";
import { OneProxy } from "./one-proxy";

/** Tags that never change and never go once they are there. */
export interface ImmutableTags {
  /**
   * Patterns of tags, such as `"v*"` or `"release-*"`; `*` stands for any characters. Tags such as `sha256-<digest>.sig`, in
   * which signatures are kept, are never among them: each further signature replaces them.
   */
  readonly tags: string[];

  /**
   * Patterns of repositories, such as `"team-a/**"`, as those of `Permission`.
   *
   * @default - all repositories
   */
  readonly repositories?: string[];
}

/** The immutable tags of a registry, for the proxy that sees to it that they stay. */
export interface IImmutableTags {
  /** Which tags they are. */
  readonly rules: ImmutableTags[];

  /**
   * Leaves them to the proxy that calls it. There can be one only, as it is the one place where pushes wait for each other.
   *
   * @param proxy path of the proxy, for messages
   */
  guardByProxy(proxy: string): void;
}

/** Rules for tags, and the proxy that sees to them. */
export class GuardedTags implements IImmutableTags {
  private readonly proxy = new OneProxy("immutableTags", "two proxies do not see each other's pushes");

  constructor(public readonly rules: ImmutableTags[]) {}

  public guardByProxy(proxy: string): void {
    this.proxy.add(proxy);
  }

  /** Where nobody guards them, or several do. */
  public validate(where: IConstruct): string[] {
    return this.proxy.validate(where);
  }
}

/** The guard of the tags that the props name, if there are any. */
export function guardedTags(where: IConstruct, rules: ImmutableTags[] | undefined): GuardedTags | undefined {
  if (rules === undefined || rules.length === 0) {
    return undefined;
  }
  rules.forEach(({ tags, repositories }, i) => {
    const field = `immutableTags[${i}]`;
    requireTagPatterns(where, `${field}.tags`, tags);
    if (repositories?.length === 0) {
      throw invalidInput({
        where,
        field: `${field}.repositories`,
        got: repositories,
        expected: "one pattern at least",
        fix: "leave it out for all repositories",
      });
    }
    for (const pattern of repositories ?? []) {
      requireRepositoryPattern(where.node.path, pattern);
    }
  });
  const guard = new GuardedTags(rules);
  where.node.addValidation({ validate: () => guard.validate(where) });
  return guard;
}

// The grammar of the distribution specification, with `*` for any characters.
const TAG_PATTERN = /^[\w*][\w.*-]*$/;
const LONGEST_TAG = 128;

/** Refuses patterns that fit no tag. */
function requireTagPatterns(where: IConstruct, field: string, patterns: string[]): void {
  const isPattern = (pattern: unknown) =>
    typeof pattern === "string" && TAG_PATTERN.test(pattern) && pattern.replace(/\*/g, "").length <= LONGEST_TAG;
  const wrong = patterns.length === 0 ? patterns : patterns.find((pattern) => !isPattern(pattern));
  if (wrong !== undefined) {
    throw invalidInput({
      where,
      field,
      got: wrong,
      expected:
        "patterns that fit some tag, one at least: letters, digits, _ . - of which the first is no . or -, and * for any characters",
      fix: 'write patterns such as "v*" or "release-*"',
    });
  }
}
