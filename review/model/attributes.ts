import type { AttributeChange } from "./change";
import type { ValueChangeJson } from "./plan-json";
import { hasMark, isSecretName, markOf, SECRET } from "./secrets";

export const UNKNOWN = "(known after the deploy)";
const NOTHING = "(not set)";
const LONGEST = 160;

/** What is said of the arguments of a resource. */
export interface AttributeOptions {
  /** Names of the arguments that the code sets; other ones that only the deploy knows are left out. */
  readonly configured?: readonly string[];
  /** Arguments that are told elsewhere, such as texts with their hunks. */
  readonly except?: readonly string[];
}

/** The arguments that are other ones after the deploy, without secrets. */
export function attributeChanges(change: ValueChangeJson, options: AttributeOptions = {}): AttributeChange[] {
  const before = record(change.before);
  const after = record(change.after);
  const unknown = record(change.after_unknown);
  const names = [...new Set([...Object.keys(before), ...Object.keys(after), ...Object.keys(unknown)])].sort();
  const forced = (change.replace_paths ?? []).map(([name]) => String(name));
  return names
    .filter((name) => !options.except?.includes(name))
    .filter((name) => {
      if (hasMark(unknown[name]) && after[name] === undefined) {
        return forced.includes(name) || (change.actions.join() === "update" && !!options.configured?.includes(name));
      }
      return !isSame(before[name], after[name]);
    })
    .flatMap((name) =>
      differences({
        name,
        before: before[name],
        after: after[name],
        unknown: unknown[name],
        // Whatever is secret on one side is secret on both.
        marks: [markOf(change.before_sensitive, name), markOf(change.after_sensitive, name)],
      }).map((one) => ({ ...one, forcesReplacement: forced.includes(name) })),
    );
}

interface Pair {
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly unknown: unknown;
  readonly marks: readonly unknown[];
}

type Difference = Omit<AttributeChange, "forcesReplacement">;

function differences(pair: Pair): Difference[] {
  const { name, before, after, unknown, marks } = pair;
  if (unknown !== true && isSame(before, after)) {
    return [];
  }
  // The kinds of a list's parts are not compared one by one where one of them is secret: their order says nothing.
  if (marks.some(hasMark) && (Array.isArray(before) || Array.isArray(after))) {
    return [{ name, before: SECRET, after: SECRET }];
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    return listDifferences(pair, before, after);
  }
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) =>
      differences({
        name: `${name}.${key}`,
        before: before[key],
        after: after[key],
        unknown: markOf(unknown, key),
        marks: marks.map((mark) => markOf(mark, key)),
      }),
    );
  }
  const secret = marks.some(hasMark);
  return [
    {
      name,
      before: show(name, before, secret),
      after: hasMark(unknown) && !isRecord(after) ? UNKNOWN : show(name, after, secret),
    },
  ];
}

/** What both lists have says nothing, wherever it stands. */
function listDifferences({ name, unknown }: Pair, before: unknown[], after: unknown[]): Difference[] {
  const removed = without(before, after);
  const added = without(after, before);
  if (removed.length === 1 && added.length === 1 && isRecord(removed[0]) && isRecord(added[0])) {
    return differences({ name, before: removed[0], after: added[0], unknown: undefined, marks: [] });
  }
  const list = (parts: unknown[]) =>
    parts.length === 0 ? NOTHING : parts.map((part) => show(name, part, false)).join(", ");
  if (removed.length + added.length === 0) {
    return before.length === after.length && !hasMark(unknown) && !isSame(before, after)
      ? [{ name, before: list(before), after: list(after) }]
      : [];
  }
  return [{ name, before: list(removed), after: list(added) }];
}

function without(list: unknown[], other: unknown[]): unknown[] {
  const left = other.map((part) => JSON.stringify(plain(part)));
  return list.filter((part) => {
    const at = left.indexOf(JSON.stringify(plain(part)));
    if (at >= 0) {
      left.splice(at, 1);
    }
    return at < 0;
  });
}

/** A value as a report may have it: in one line, and not where its name is that of a secret. */
export function show(name: string, value: unknown, secret: boolean): string {
  if (isEmpty(value) && value !== 0 && value !== false) {
    return NOTHING;
  }
  const names = name.split(".");
  if (secret || names.some(isSecretName)) {
    return SECRET;
  }
  if (isRecord(value)) {
    const parts = Object.entries(value).filter(([, part]) => !isEmpty(part));
    return `{ ${parts.map(([key, part]) => `${key}: ${show(key, part, false)}`).join(", ")} }`;
  }
  if (Array.isArray(value)) {
    return `[${value.map((part) => show(name, part, false)).join(", ")}]`;
  }
  if (typeof value !== "string") {
    return JSON.stringify(value);
  }
  const lines = value.split("\n").length;
  return lines > 1 || value.length > LONGEST
    ? `(a text of ${lines > 1 ? `${lines} lines` : `${value.length} characters`}, not shown)`
    : JSON.stringify(value);
}

/** Providers write what is not set in several ways. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.every(isEmpty);
  }
  if (isRecord(value)) {
    return Object.values(value).every(isEmpty);
  }
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}

export function isSame(a: unknown, b: unknown): boolean {
  return (isEmpty(a) && isEmpty(b)) || JSON.stringify(plain(a)) === JSON.stringify(plain(b));
}

/** Without what is not set, and with sorted keys. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  if (isRecord(value)) {
    const parts = Object.entries(value).filter(([, part]) => !isEmpty(part));
    return Object.fromEntries(parts.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => [key, plain(part)]));
  }
  return value;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});
