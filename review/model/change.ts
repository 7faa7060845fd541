/** What a deploy does to a resource; `change`: two texts differ, and no plan says what that does. */
export type Action = "create" | "update" | "replace" | "destroy" | "forget" | "move" | "import" | "change";

/** `danger`: data, trust or protection is lost; `notice`: somebody will notice; `quiet`: nobody will. */
export type Severity = "danger" | "notice" | "quiet";

export const SEVERITIES: readonly Severity[] = ["danger", "notice", "quiet"];

/** One argument that is another one; values are safe to show. */
export interface AttributeChange {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** Whether the provider cannot change it in place. */
  readonly forcesReplacement: boolean;
}

/** Lines around a change of a text, as in a unified diff. */
export interface Hunk {
  readonly header: string;
  readonly lines: readonly string[];
}

/** A text that is another one. */
export interface TextChange {
  readonly name: string;
  readonly added: number;
  readonly removed: number;
  /** Empty where the text holds secrets. */
  readonly hunks: readonly Hunk[];
}

/** What somebody will notice, in plain words. */
export interface Finding {
  readonly severity: Severity;
  readonly text: string;
  /** Over when the deploy is: an interruption. What stays is told first. */
  readonly passes?: boolean;
  /** What to write so that it does not happen, where there is something. */
  readonly fix?: string;
}

/** What happens to one construct: a resource, or several that are one thing to a reader. */
export interface Change {
  /** The construct's path in its stack, or the address where nobody knows it. */
  readonly path: string;
  readonly type: string;
  readonly action: Action;
  readonly severity: Severity;
  readonly findings: readonly Finding[];
  readonly attributes: readonly AttributeChange[];
  readonly texts: readonly TextChange[];
  /** Arguments that force the replacement. */
  readonly forcedBy: readonly string[];
  /** Terraform's reason, where it is none of the arguments. */
  readonly reason?: string;
  /** All resources that it is about. */
  readonly addresses: readonly string[];
  /** Where the state had it before. */
  readonly previousAddress?: string;
  /** The line of a policy file that allows it, dangerous as it is. */
  readonly allowedBy?: string;
}

export interface OutputChange {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** `plan`: what a deploy will do; `drift`: what was changed by hand; `synth`: how two texts differ, without a state. */
export type Kind = "plan" | "drift" | "synth";

/** What is to be said of one environment. */
export interface EnvironmentReview {
  readonly environment: string;
  readonly kind: Kind;
  readonly changes: readonly Change[];
  readonly outputs: readonly OutputChange[];
  /** Findings about the environment as a whole. */
  readonly findings: readonly Finding[];
  /** What was changed by hand since the last deploy. */
  readonly drift: readonly Change[];
  /** Names the plan that was read; see fingerprint.ts. */
  readonly fingerprint?: string;
  /** What the environment is made of after the deploy, as a diagram of Mermaid; where that is another thing than before. */
  readonly picture?: string;
  /** Why nothing can be said. */
  readonly error?: string;
}

export interface Review {
  readonly environments: readonly EnvironmentReview[];
  /** Lines of the policy file that allow nothing any more. */
  readonly unusedPermissions: readonly string[];
}

export const worst = (severities: readonly Severity[]): Severity =>
  SEVERITIES.find((severity) => severities.includes(severity)) ?? "quiet";

/** Dangerous, and allowed by nobody. */
export function dangersOf(review: EnvironmentReview): readonly Change[] {
  return review.changes.filter(({ severity, allowedBy }) => severity === "danger" && allowedBy === undefined);
}

export const isUnchanged = (review: EnvironmentReview): boolean =>
  review.error === undefined &&
  [review.changes, review.outputs, review.findings, review.drift].every((list) => list.length === 0);
