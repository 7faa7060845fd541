import type { Finding } from "./change";
import type { Resource } from "./resources";

/** A construct that has another id: Terraform takes it for another one, destroys the old and makes the new. */
export interface Rename {
  readonly from: string;
  readonly to: string;
  readonly moves: readonly Move[];
}

export interface Move {
  readonly from: string;
  readonly to: string;
  /** Whether its name, which was made of the id, has to be written down so that it stays. */
  readonly formerName?: string;
}

/** Constructs whose resources are all destroyed under one path and made again, of the same types, under another. */
export function renames(resources: readonly Resource[]): Rename[] {
  const made = resources.filter(({ action }) => action === "create");
  const gone = resources.filter(({ action }) => action === "destroy");
  const pairs = new Map<string, [Resource, Resource][]>();
  for (const old of gone) {
    for (const next of made.filter(({ type }) => type === old.type)) {
      const prefix = prefixes(old, next);
      if (prefix !== undefined) {
        const key = JSON.stringify(prefix);
        pairs.set(key, [...(pairs.get(key) ?? []), [old, next]]);
      }
    }
  }
  const taken = new Set<Resource>();
  return [...pairs]
    .sort(([, a], [, b]) => b.length - a.length)
    .flatMap(([key, all]) => {
      const [from, to] = JSON.parse(key) as [string, string];
      const free = all.filter(([old, next]) => !taken.has(old) && !taken.has(next));
      if (free.length === 0 || free.length < all.length / 2) {
        return [];
      }
      for (const pair of free.flat()) {
        taken.add(pair);
      }
      return [{ from, to, moves: free.map(([old, next]) => moveOf(old, next)) }];
    });
}

/** The parts of two paths that differ, where what follows is the same and the resources are alike. */
function prefixes(old: Resource, next: Resource): [string, string] | undefined {
  const [a, b] = [old.path.split("/"), next.path.split("/")];
  let same = 0;
  while (same < Math.min(a.length, b.length) - 1 && a.at(-1 - same) === b.at(-1 - same)) {
    same++;
  }
  let above = 0;
  while (above < Math.min(a.length, b.length) - same - 1 && a[above] === b[above]) {
    above++;
  }
  const [from, to] = [a, b].map((ids) => ids.slice(0, ids.length - same));
  // One id changes; what is above and below it stays.
  return from.length - above === 1 && to.length - above === 1 && (same > 0 || isAlike(old, next))
    ? [from.join("/"), to.join("/")]
    : undefined;
}

/** Whether the code writes the same arguments: a resource without others around it could be any of its type. */
function isAlike({ before }: Resource, { after }: Resource): boolean {
  const written = Object.entries(after ?? {}).filter(
    ([name, value]) => name !== "name" && value !== null && typeof value !== "object",
  );
  return written.every(([name, value]) => before?.[name] === value);
}

function moveOf(old: Resource, next: Resource): Move {
  const [was, is] = [old.before?.name, next.after?.name];
  return {
    from: old.address,
    to: next.address,
    formerName: typeof was === "string" && was !== is ? was : undefined,
  };
}

/** What to write where a construct was renamed; names that are made of the id stand beside, as another one destroys too. */
export function renameFindings(resources: readonly Resource[]): Finding[] {
  return renames(resources).map(({ from, to, moves }) => {
    const names = moves.some(({ formerName }) => formerName !== undefined)
      ? " Names that were made of the id have to be written down too, or they destroy what they name: they stand in the block."
      : "";
    return {
      severity: "notice",
      text: `${to} looks like ${from} under another id. Terraform takes it for another one and destroys what ${from} holds; it need not.`,
      fix: `moved: add a moved block to the stack; FormerId.of(construct, "${from.split("/").at(-1)}") of cdktf-docker-registry writes it, and so does stack.addOverride("moved", [{ from, to }, …]).${names}\n${movedBlock(moves)}`,
    };
  });
}

export function movedBlock(moves: readonly Move[]): string {
  return moves
    .map(({ from, to, formerName }) =>
      [
        "moved {",
        `  from = ${from}`,
        `  to   = ${to}${formerName === undefined ? "" : ` # name: ${JSON.stringify(formerName)}`}`,
        "}",
      ].join("\n"),
    )
    .join("\n");
}
