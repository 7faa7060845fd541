import type { Context, Words } from "../words/words";
import { attributeChanges } from "./attributes";
import { type Action, type Change, type Finding, type TextChange, worst } from "./change";
import type { Resource } from "./resources";
import { hasMark, markOf, SECRET } from "./secrets";
import { secretText, textChange } from "./texts";

/** The changed resources as a reader sees them: one change for all that is one thing. */
export function changesOf(resources: readonly Resource[], words: readonly Words[], context: Context): Change[] {
  const groups = new Map<string, Resource[]>();
  for (const resource of resources.filter(({ action }) => action !== undefined)) {
    const path = first(words, (some) => some.groupOf?.(resource, context)) ?? resource.path;
    groups.set(path, [...(groups.get(path) ?? []), resource]);
  }
  return folded([...groups].map(([path, members]) => changeOf(path, members, words, context))).sort(byWeight);
}

/** A construct that is made or removed with its parts is one change, but for parts that somebody will notice. */
function folded(changes: readonly Change[]): Change[] {
  const whole = (part: Change) =>
    part.severity === "quiet" && (part.action === "create" || part.action === "destroy")
      ? changes.find(({ path, action }) => action === part.action && part.path.startsWith(`${path}/`))
      : undefined;
  return changes
    .filter((one) => whole(one) === undefined)
    .map((one) => {
      const parts = changes.filter((part) => outermost(part, whole) === one && part !== one);
      return { ...one, addresses: [...one.addresses, ...parts.flatMap(({ addresses }) => addresses)] };
    });
}

function outermost(part: Change, whole: (part: Change) => Change | undefined): Change {
  const above = whole(part);
  return above === undefined ? part : outermost(above, whole);
}

function changeOf(path: string, members: readonly Resource[], words: readonly Words[], context: Context): Change {
  const texts = textsOf(members.filter(isKept), words);
  const group = { path, members, texts };
  const main = members.find((member) => member.path === path) ?? members[0];
  const told = first(words, (some) => some.findings?.(group, context)) ?? [];
  const findings = [...told].sort((a, b) => rank(a) - rank(b));
  const action = first(words, (some) => some.actionOf?.(group)) ?? commonAction(members, main);
  return {
    path,
    type: main.type,
    action,
    severity: worst(findings.map(({ severity }) => severity)),
    findings,
    attributes: members.flatMap((member) => argumentsOf(member, members.length > 1 && member !== main, words)),
    texts,
    forcedBy:
      action === "replace"
        ? unique(members.filter((one) => one.action === "replace").flatMap(({ forcedBy }) => forcedBy))
        : [],
    reason: members.map(({ reason }) => reason).find((reason) => reason !== undefined),
    addresses: members.map(({ address }) => address),
    previousAddress: main.previousAddress,
  };
}

function commonAction(members: readonly Resource[], main: Resource): Action {
  const actions = new Set(members.map(({ action }) => action as Action));
  if (actions.size === 1) {
    return [...actions][0];
  }
  return main.action ?? "update";
}

/** Nothing of what is made or destroyed: its name and what it means say enough. */
function argumentsOf(member: Resource, named: boolean, words: readonly Words[]) {
  if (member.action !== "update" && member.action !== "replace" && member.action !== "change") {
    return [];
  }
  const except = first(words, (some) => some.hiddenArguments?.(member)) ?? [];
  const configured = Object.keys(member.configuration ?? {});
  const prefix = named ? `${member.path.split("/").at(-1)}: ` : "";
  return attributeChanges(member.change, { except, configured }).map((one) => ({ ...one, name: prefix + one.name }));
}

/** Nothing is told of what is destroyed, and a new text is no change of one. */
const isKept = ({ action }: Resource): boolean => action !== "destroy" && action !== "create";

/** A text that is shown wins over the note that it is another one. */
function textsOf(members: readonly Resource[], words: readonly Words[]): TextChange[] {
  const texts = new Map<string, TextChange>();
  const shownNames = new Set<string>();
  for (const member of members) {
    for (const { name, before, after } of words.flatMap((some) => some.textsOf?.(member) ?? [])) {
      if (before === undefined || after === undefined || isSecret(member, name)) {
        if (!shownNames.has(name)) {
          texts.set(name, secretText(name));
        }
        continue;
      }
      shownNames.add(name);
      const change = textChange(
        name,
        withoutMarked(member, name, "before", before),
        withoutMarked(member, name, "after", after),
      );
      if (change === undefined) {
        // Its secrets may be other ones, which the writer's copy tells.
        continue;
      }
      texts.set(name, change);
    }
  }
  return [...texts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The marks of a file's lines in a review. */
function marksOf({ change }: Resource, name: string, side: "before" | "after"): unknown {
  const marks = side === "before" ? change.before_sensitive : change.after_sensitive;
  const values = (side === "before" ? change.before : change.after) as Record<string, unknown> | null | undefined;
  const argument = values?.triggers_replace === undefined ? "input" : "triggers_replace";
  return markOf(markOf(marks, argument), name);
}

function isSecret(member: Resource, name: string): boolean {
  return marksOf(member, name, "before") === true || marksOf(member, name, "after") === true;
}

function withoutMarked(member: Resource, name: string, side: "before" | "after", text: string): string {
  const marks = marksOf(member, name, side);
  return hasMark(marks)
    ? text
        .split("\n")
        .map((line, i) => (hasMark(markOf(marks, i)) ? SECRET : line))
        .join("\n")
    : text;
}

/** What is lost, then what stays so, then what is over when the deploy is, then the rest. */
const rank = ({ severity, passes }: Finding): number => ({ danger: 0, notice: passes ? 2 : 1, quiet: 3 })[severity];

const worstRank = ({ findings }: Change): number => Math.min(3, ...findings.map(rank));

function byWeight(a: Change, b: Change): number {
  return worstRank(a) - worstRank(b) || (a.path < b.path ? -1 : 1);
}

function first<T, R>(all: readonly T[], ask: (one: T) => R | undefined): R | undefined {
  for (const one of all) {
    const answer = ask(one);
    if (answer !== undefined) {
      return answer;
    }
  }
  return undefined;
}

const unique = <T>(all: readonly T[]): T[] => [...new Set(all)];
