import { invalidInput } from "../core/errors";
import { requireWholeNumber } from "../core/validation";
import { parseVersionRange } from "./version-range";

const DAY = 24 * 60 * 60;

/** Which tags of some repositories stay. A tag stays when one of `keep…` says so; all others go. */
export interface RetentionRule {
  /**
   * Patterns of repositories; `*` stands for whatever has no slash, `**` for anything.
   *
   * @default - all repositories
   */
  readonly repositories?: string[];

  /**
   * The tags that were pushed last, so many of each repository.
   *
   * @default - none for this reason
   */
  readonly keepLastPushed?: number;

  /**
   * Tags that were pushed in the last so many days.
   *
   * @default - none for this reason
   */
  readonly keepYoungerThanDays?: number;

  /**
   * Tags whose semantic version is in this range, with or without a `v`; a prerelease counts as its release.
   * As in `"2.x"`, `"^1.4.0"`, `">=1.0.0 <3.0.0"`, or `"*"` for all versions.
   *
   * @default - none for this reason
   */
  readonly keepVersions?: string;

  /**
   * Patterns of tags, such as `"latest"` or `"release-*"`.
   *
   * @default - none for this reason
   */
  readonly keepTags?: string[];
}

/** What of a registry's images stays. */
export interface RetentionProps {
  /**
   * Rules for tags; of each repository the first whose pattern matches. Repositories without one keep all tags.
   *
   * @default - all tags stay
   */
  readonly rules?: RetentionRule[];

  /**
   * Days after which a manifest that no tag names goes, unless an image needs it: a child of an index that stays, or what
   * refers to an image that stays, such as a signature.
   *
   * @default 7
   */
  readonly untaggedAfterDays?: number;
}

/**
 * Which images of a registry stay and which go at the next garbage collection.
 *
 * Nothing goes that an image needs which stays: children of an index, signatures, attestations and other artifacts whose
 * `subject` it is, and their fallback tags (`sha256-<digest>`). The time of a push is that of its tag in the storage.
 *
 * @example
 * import { GarbageCollection, Retention } from "cdktf-docker-registry";
 *
 * const retention = Retention.of({ rules: [{ repositories: ["team/*"], keepLastPushed: 10, keepYoungerThanDays: 30 }] });
 * const maintenance = GarbageCollection.of({ retention });
 */
export class Retention {
  /**
   * By rules for repositories and tags.
   *
   * @throws when a rule would keep nothing, a number is negative, or a range of versions does not parse
   */
  public static of(props: RetentionProps = {}): Retention {
    return new Retention(props);
  }

  /** Rules as the script reads them, a line each. */
  public readonly rules: string;

  /** Age in seconds from which untagged manifests go. */
  public readonly untaggedSeconds: number;

  private constructor(props: RetentionProps) {
    const days = { min: 0, max: 36500, example: 7 };
    requireWholeNumber("Retention", "untaggedAfterDays", props.untaggedAfterDays, days);
    this.rules = (props.rules ?? []).map((rule, i) => renderRule(rule, `rules[${i}]`)).join("\n");
    this.untaggedSeconds = (props.untaggedAfterDays ?? 7) * DAY;
  }
}

function renderRule(rule: RetentionRule, name: string): string {
  const { keepLastPushed, keepYoungerThanDays, keepVersions, keepTags = [], repositories } = rule;
  const where = "Retention";
  requireWholeNumber(where, `${name}.keepLastPushed`, keepLastPushed, { min: 0, max: 1_000_000, example: 10 });
  requireWholeNumber(where, `${name}.keepYoungerThanDays`, keepYoungerThanDays, { min: 0, max: 36500, example: 30 });
  if (!keepLastPushed && !keepYoungerThanDays && keepVersions === undefined && keepTags.length === 0) {
    throw invalidInput({
      where,
      field: name,
      got: rule,
      expected: "a rule that keeps something",
      fix: "write keepLastPushed, keepYoungerThanDays, keepVersions or keepTags, or leave the rule out",
    });
  }
  const versions =
    keepVersions === undefined ? undefined : parseVersionRange(where, `${name}.keepVersions`, keepVersions);
  return [
    repositories ? pattern(`${name}.repositories`, repositories) : ".*",
    keepLastPushed ?? 0,
    (keepYoungerThanDays ?? 0) * DAY,
    keepTags.length > 0 ? pattern(`${name}.keepTags`, keepTags) : "",
    versions ? `${versions.from} ${versions.below}` : "",
  ].join("|");
}

/** Regular expressions with a blank between them; no bar in them, which divides the fields of a rule. */
function pattern(field: string, globs: string[]): string {
  const wrong = globs.length === 0 ? "" : globs.find((glob) => !/^[\w./*-]+$/.test(glob));
  if (wrong !== undefined) {
    throw invalidInput({
      where: "Retention",
      field,
      got: wrong,
      expected: "names of which parts may be *, and at least one",
      fix: 'write it like "team/*" or "release-*"',
    });
  }
  return globs
    .map((glob) => glob.replace(/\./g, "[.]").replace(/\*\*|\*/g, (star) => (star === "**" ? ".*" : "[^/]*")))
    .join(" ");
}
