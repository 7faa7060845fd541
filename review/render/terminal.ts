import {
  type Change,
  dangersOf,
  type EnvironmentReview,
  type Finding,
  isUnchanged,
  type Review,
  type Severity,
} from "../model/change";
import { permissionFor } from "../model/policy";
import { arrow, counts, happens, plural, SYNTH_IS_NO_PLAN, title } from "./words";

export interface TerminalOptions {
  /** Whether the terminal shows colours. */
  readonly colour?: boolean;
}

/** Of ISO 6429; Node's own function asks the stream instead of the caller. */
const CODES = {
  bold: "1",
  dim: "2",
  red: "31",
  green: "32",
  yellow: "33",
  cyan: "36",
  alarm: "1;31",
  plain: "",
} as const;

type Paint = (format: keyof typeof CODES, text: string) => string;

const COLOURS: Readonly<Record<Severity, keyof typeof CODES>> = {
  danger: "alarm",
  notice: "yellow",
  quiet: "dim",
};

const INDENT = " ".repeat(10);

/** For whoever reads it on a screen. */
export function renderTerminal(review: Review, { colour = false }: TerminalOptions = {}): string {
  const paint: Paint = (format, text) =>
    colour && CODES[format] !== "" ? `\u001b[${CODES[format]}m${text}\u001b[0m` : text;
  const told = review.environments.filter((one) => !isUnchanged(one));
  const blocks = told.map((one) => environmentLines(one, paint).join("\n"));
  const unchanged = review.environments.filter(isUnchanged).map(({ environment }) => environment);
  const notes = review.unusedPermissions.map(
    (line) => `The policy allows what does not happen: "${line}". Remove the line.`,
  );
  return `${[...blocks, summary(review, unchanged), ...notes].join("\n\n")}\n`;
}

/** A name must not be able to write on the screen elsewhere, or in another colour. */
const clean = (text: string): string => text.replace(/(?!\n)\p{Cc}/gu, "\ufffd");

function environmentLines(review: EnvironmentReview, paint: Paint): string[] {
  const lines = [paint("bold", clean(title(review)))];
  if (review.error !== undefined) {
    return [...lines, `${paint(COLOURS.danger, "  ERROR ")}  ${clean(review.error)}`];
  }
  if (review.kind === "synth") {
    lines.push(`  ${SYNTH_IS_NO_PLAN}`);
  }
  for (const finding of review.findings) {
    lines.push(`${label(finding.severity, paint)}${clean(finding.text)}`, ...fixLines(finding));
  }
  for (const change of review.changes) {
    lines.push("", ...changeLines(change, review.environment, paint));
  }
  for (const change of review.drift) {
    lines.push("", ...changeLines(change, review.environment, paint, "by hand: "));
  }
  for (const { name, before, after } of review.outputs) {
    lines.push(
      ...(lines.at(-1)?.startsWith("  output") ? [] : [""]),
      `  output  ${clean(name)}: ${clean(arrow(before, after))}`,
    );
  }
  if (review.fingerprint !== undefined) {
    lines.push(
      "",
      `  To apply exactly this: npm run deploy -- ${clean(review.environment)} --reviewed ${review.fingerprint}`,
    );
  }
  return lines;
}

function label(severity: Severity, paint: Paint): string {
  return paint(COLOURS[severity], `  ${severity.toUpperCase().padEnd(8)}`);
}

function changeLines(change: Change, environment: string, paint: Paint, prefix = ""): string[] {
  const lines = [
    `${label(change.severity, paint)}${prefix}${paint("bold", clean(change.path))} ${clean(happens(change, (name) => name))}`,
  ];
  for (const finding of change.findings) {
    lines.push(
      `${INDENT}${paint(finding.severity === "quiet" ? "plain" : COLOURS[finding.severity], clean(finding.text))}`,
      ...fixLines(finding),
    );
  }
  if (change.severity === "danger") {
    lines.push(
      change.allowedBy === undefined
        ? `${INDENT}Fix: undo it, or write this line into the policy: ${clean(permissionFor(environment, change))}`
        : `${INDENT}Allowed by the policy: ${clean(change.allowedBy)}`,
    );
  }
  for (const { name, before, after } of change.attributes) {
    lines.push(`${INDENT}${clean(name)}: ${clean(arrow(before, after))}`);
  }
  for (const text of change.texts) {
    lines.push(`${INDENT}${clean(text.name)} ${counts(text)}`);
    for (const hunk of text.hunks) {
      lines.push(paint("cyan", `${INDENT}  ${hunk.header}`), ...hunk.lines.map((line) => diffLine(clean(line), paint)));
    }
  }
  lines.push(paint("dim", `${INDENT}${clean(change.addresses.join(", "))}`));
  return lines;
}

function fixLines({ fix }: Finding): string[] {
  return fix === undefined
    ? []
    : clean(`Fix: ${fix}`)
        .split("\n")
        .map((line) => `${INDENT}${line}`);
}

function diffLine(line: string, paint: Paint): string {
  const text = `${INDENT}  ${line}`;
  return line.startsWith("+") ? paint("green", text) : line.startsWith("-") ? paint("red", text) : text;
}

function summary({ environments }: Review, unchanged: readonly string[]): string {
  const failed = environments.filter(({ error }) => error !== undefined);
  const dangerous = environments.flatMap(dangersOf).length;
  const changed = environments.length - unchanged.length - failed.length;
  const parts = [
    dangerous > 0 ? `${plural(dangerous, "dangerous change")} that nobody allowed` : undefined,
    failed.length > 0 ? `${plural(failed.length, "environment")} could not be read` : undefined,
    `${plural(changed, "environment")} with changes`,
    unchanged.length > 0 ? `unchanged: ${clean(unchanged.join(", "))}` : undefined,
  ];
  return `${parts.filter((part) => part !== undefined).join("; ")}.`;
}
