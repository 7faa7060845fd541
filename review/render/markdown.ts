import {
  type Change,
  dangersOf,
  type EnvironmentReview,
  type Hunk,
  isUnchanged,
  type Review,
  type Severity,
  type TextChange,
  worst,
} from "../model/change";
import { permissionFor } from "../model/policy";
import { pictureBlock } from "./picture";
import { code, fence, literally } from "./quoting";
import { arrow, counts, happens, plural, SYNTH_IS_NO_PLAN, title } from "./words";

/** What a comment on GitHub may hold (65,536 characters; GitLab takes more), with room for what a workflow adds. */
export const LONGEST_COMMENT = 65_000;

export interface MarkdownOptions {
  /** @default LONGEST_COMMENT */
  readonly longest?: number;
}

/** What is left out, one step after the other, until a comment takes the rest; dangerous changes stay in each of them. */
interface Detail {
  readonly context: boolean;
  readonly hunks: boolean;
  readonly quiet: boolean;
  readonly arguments: boolean;
  /** Whether there is more of an environment than its row, its dangerous changes and how to apply them. */
  readonly changes: boolean;
}

const DETAILS: readonly Detail[] = [
  { context: true, hunks: true, quiet: true, arguments: true, changes: true },
  { context: false, hunks: true, quiet: true, arguments: true, changes: true },
  { context: false, hunks: false, quiet: true, arguments: true, changes: true },
  { context: false, hunks: false, quiet: false, arguments: true, changes: true },
  { context: false, hunks: false, quiet: false, arguments: false, changes: true },
  { context: false, hunks: false, quiet: false, arguments: false, changes: false },
];

/** For a pull request: one table, and what is behind each of its rows. */
export function renderMarkdown(review: Review, { longest = LONGEST_COMMENT }: MarkdownOptions = {}): string {
  for (const detail of DETAILS) {
    const text = report(review, detail);
    if (text.length < longest) {
      return text;
    }
  }
  return dangersOnly(review, longest);
}

function report(review: Review, detail: Detail): string {
  const told = [...review.environments].filter((one) => !isUnchanged(one)).sort((a, b) => rank(a) - rank(b));
  const unchanged = review.environments.filter(isUnchanged);
  const left = detail.context
    ? []
    : [`*Shortened to fit into a comment${detail.hunks ? ": lines around a change are left out" : ""}.*`];
  return `${[
    `## ${headline(review)}`,
    ...(review.environments.some(({ kind }) => kind === "synth") ? [SYNTH_IS_NO_PLAN] : []),
    ...(told.length > 0 ? [table(told)] : []),
    ...(unchanged.length > 0 ? [`Unchanged: ${unchanged.map(({ environment }) => code(environment)).join(", ")}`] : []),
    ...review.unusedPermissions.map(
      (line) => `The policy allows what does not happen: ${code(line)}. Remove the line.`,
    ),
    ...left,
    ...told.map((one) => (detail.changes ? section(one, detail) : summaryOf(one))),
  ].join("\n\n")}\n`;
}

const RANK = { danger: 1, notice: 2, quiet: 3 } as const;

function severityOf(review: EnvironmentReview): Severity {
  return worst([...review.changes, ...review.findings, ...review.drift].map(({ severity }) => severity));
}

const rank = (review: EnvironmentReview): number => (review.error === undefined ? RANK[severityOf(review)] : 0);

function headline({ environments }: Review): string {
  const dangers = environments.flatMap(dangersOf).length;
  const allowed = environments
    .flatMap(({ changes }) => changes)
    .filter(({ allowedBy }) => allowedBy !== undefined).length;
  const failed = environments.filter(({ error }) => error !== undefined).length;
  const changed = environments.filter((one) => !isUnchanged(one) && one.error === undefined).length;
  return [
    dangers > 0
      ? `${plural(dangers, "dangerous change")} that nobody allowed`
      : "No dangerous change that nobody allowed",
    allowed > 0 ? `${allowed} allowed` : undefined,
    failed > 0 ? `${plural(failed, "environment")} could not be read` : undefined,
    `${changed} of ${plural(environments.length, "environment")} change${changed === 1 ? "s" : ""}`,
  ]
    .filter((part) => part !== undefined)
    .join(", ");
}

function table(told: readonly EnvironmentReview[]): string {
  const rows = told.map((one) => {
    const what = one.error === undefined ? noticed(one) : literally(one.error.split("\n")[0]);
    return `| ${cell(code(one.environment))} | ${one.error === undefined ? label(severityOf(one)) : "**ERROR**"} | ${cell(what)} |`;
  });
  return ["| environment | | what will be noticed |", "|---|---|---|", ...rows].join("\n");
}

/** Every dangerous change; of the others the first ones, those that stay before those that pass. */
function noticed(review: EnvironmentReview): string {
  const all = [...review.changes, ...review.drift];
  const said = (wanted: Severity, findings: readonly { severity: Severity; text: string }[]) =>
    findings.filter(({ severity }) => severity === wanted).map(({ text }) => literally(text));
  const of = (wanted: Severity) =>
    all
      .map((one) => ({ path: literally(one.path), texts: said(wanted, one.findings) }))
      .filter(({ texts }) => texts.length > 0)
      .map(({ path, texts }) => `**${path}**: ${texts.join(" ")}`);
  const dangers = of("danger");
  const notices = [...said("notice", review.findings), ...of("notice")];
  const quiet = notices.length + dangers.length > 0 ? [] : ["Nobody will notice."];
  const more = notices.length - MOST_NOTICES;
  const shown = [...notices.slice(0, MOST_NOTICES), ...(more > 0 ? [`and ${more} more`] : [])];
  return [...dangers, ...shown, ...quiet].join("<br>");
}

/** Of one environment, in the table above all. */
const MOST_NOTICES = 3;

const label = (severity: Severity): string => (severity === "quiet" ? "quiet" : `**${severity.toUpperCase()}**`);

const cell = (text: string): string => text.replace(/\|/g, "\\|").replace(/\n/g, " ");

function section(review: EnvironmentReview, detail: Detail): string {
  const heading = `### ${literally(title(review))}`;
  if (review.error !== undefined) {
    return [heading, fence(review.error)].join("\n\n");
  }
  const wanted = (change: Change) => detail.quiet || change.severity !== "quiet";
  const changes = review.changes.filter(wanted).map((one) => changeText(one, review.environment, detail));
  const drift = review.drift.filter(wanted).map((one) => changeText(one, review.environment, detail, "by hand: "));
  const left = review.changes.filter((one) => !wanted(one)).length;
  const outputs = detail.arguments
    ? review.outputs.map(({ name, before, after }) => `- output ${code(name)}: ${change(before, after)}`)
    : [];
  return [
    heading,
    ...review.findings.map(({ severity, text, fix }) =>
      [`${label(severity)}: ${literally(text)}`, ...fixLines(fix, detail)].join("\n"),
    ),
    ...changes,
    ...drift,
    ...(left > 0 ? [`*${plural(left, "change")} that nobody will notice.*`] : []),
    ...(outputs.length > 0 ? [outputs.join("\n")] : []),
    ...(detail.quiet ? pictureBlock(review) : []),
    ...applyLine(review),
  ].join("\n\n");
}

function changeText(one: Change, environment: string, detail: Detail, prefix = ""): string {
  const lines = [
    `${label(one.severity)} ${prefix}**${literally(one.path)}** ${literally(happens(one, (name) => name))}`,
  ];
  for (const { text, fix } of one.findings) {
    lines.push(`- ${literally(text)}`, ...fixLines(fix, detail).map((line) => `  ${line}`));
  }
  if (one.severity === "danger") {
    lines.push(
      one.allowedBy === undefined
        ? `- To allow it, write into the policy: ${code(permissionFor(environment, one))}`
        : `- Allowed by the policy: ${code(one.allowedBy)}`,
    );
  }
  if (!detail.arguments) {
    return lines.join("\n");
  }
  lines.push(...one.attributes.map(({ name, before, after }) => `- ${code(name)}: ${change(before, after)}`));
  lines.push(
    ...one.texts
      .filter(({ hunks }) => hunks.length === 0 || !detail.hunks)
      .map((text) => `- ${code(text.name)} ${counts(text)}`),
  );
  const shown = detail.hunks ? one.texts.filter(({ hunks }) => hunks.length > 0) : [];
  lines.push(...shown.map((text) => `\n${folded(text, detail)}`));
  return [...lines, ...(detail.context ? [addresses(one)] : [])].join("\n");
}

/** Words, and below them what to write. */
function fixLines(fix: string | undefined, detail: Detail): string[] {
  const [words, ...block] = fix?.split("\n") ?? [];
  return words === undefined
    ? []
    : [
        `Fix: ${literally(words)}`,
        ...(block.length > 0 && detail.arguments ? ["", ...fence(block.join("\n"), "hcl").split("\n")] : []),
      ];
}

/** The values of an argument, as code: they are somebody's text. */
function change(before: string, after: string): string {
  const text = arrow(before, after);
  return text.includes(" → ") ? `${code(before)} → ${code(after)}` : text;
}

function addresses({ addresses: all }: Change): string {
  return `\n<sub>${all.slice(0, 6).map(literally).join(", ")}${all.length > 6 ? `, and ${all.length - 6} more` : ""}</sub>`;
}

function folded(text: TextChange, { context }: Detail): string {
  const lines = text.hunks.flatMap((hunk) => [hunk.header, ...(context ? hunk.lines : changedLines(hunk))]);
  return `<details><summary>${literally(text.name)} ${counts(text)}</summary>\n\n${fence(lines.join("\n"), "diff")}\n\n</details>`;
}

const changedLines = (hunk: Hunk): string[] => hunk.lines.filter((line) => !line.startsWith(" "));

/** What somebody who deploys needs, at least. */
function summaryOf(review: EnvironmentReview): string {
  const dangers = dangersOf(review).map((one) => `- To allow it: ${code(permissionFor(review.environment, one))}`);
  return [...dangers, ...applyLine(review)].join("\n");
}

function applyLine({ environment, fingerprint }: EnvironmentReview): string[] {
  return fingerprint === undefined
    ? []
    : [`To apply exactly this: ${code(`npm run deploy -- ${environment} --reviewed ${fingerprint}`)}`];
}

/** When nothing else helps: each dangerous change in a line, and how many there are where even these are too many. */
function dangersOnly(review: Review, longest: number): string {
  const lines = [
    `## ${headline(review)}`,
    "",
    "*Too long for a comment: only dangerous changes are shown. Run the review yourself for the others.*",
    "",
  ];
  const dangers = review.environments.flatMap((one) =>
    dangersOf(one).map((danger) => `- ${code(permissionFor(one.environment, danger))}`),
  );
  const failed = review.environments
    .filter(({ error }) => error !== undefined)
    .map(({ environment }) => `- ${code(environment)} could not be read`);
  let length = lines.join("\n").length;
  const all = [...failed, ...dangers];
  const fitting = all.filter((line) => {
    length += line.length + 1;
    return length < longest - 100;
  });
  const left = all.length - fitting.length;
  return `${[...lines, ...fitting, ...(left > 0 ? [`- and ${left} more, for which a comment has no room`] : [])].join("\n")}\n`;
}
