import { compareNames } from "./versions";

/** A component of names: a folder of repositories, a repository, or both. */
export interface Folder {
  readonly path: string;
  readonly label: string;
  readonly isRepository: boolean;
  /** Repositories below it. */
  readonly count: number;
  readonly children: readonly Folder[];
}

/** A line of a list of repositories. */
export interface Row {
  readonly path: string;
  /** What is shown of the path: the rest is said by the lines above. */
  readonly label: string;
  readonly depth: number;
  readonly isRepository: boolean;
  /** Repositories below it; 0 where it is no folder. */
  readonly count: number;
  readonly isOpen: boolean;
}

interface Growing {
  isRepository: boolean;
  readonly children: Map<string, Growing>;
}

/** The names of repositories as a tree by the components of their paths. */
export function treeOf(names: readonly string[]): readonly Folder[] {
  const root: Growing = { isRepository: false, children: new Map() };
  for (const name of names) {
    let at = root;
    for (const component of name.split("/")) {
      let next = at.children.get(component);
      if (!next) {
        next = { isRepository: false, children: new Map() };
        at.children.set(component, next);
      }
      at = next;
    }
    at.isRepository = true;
  }
  return grown(root, "");
}

function grown({ children }: Growing, above: string): Folder[] {
  return [...children]
    .sort(([a], [b]) => compareNames(a, b))
    .map(([label, child]) => {
      const path = above + label;
      const below = grown(child, `${path}/`);
      const count = below.reduce((sum, folder) => sum + folder.count + Number(folder.isRepository), 0);
      return { path, label, isRepository: child.isRepository, count, children: below };
    });
}

/** The lines of a tree of which some folders are open. */
export function treeRows(tree: readonly Folder[], isOpen: (path: string) => boolean, depth = 0): Row[] {
  return tree.flatMap(({ path, label, isRepository, count, children }) => {
    const open = count > 0 && isOpen(path);
    const row = { path, label, depth, isRepository, count, isOpen: open };
    return [row, ...(open ? treeRows(children, isOpen, depth + 1) : [])];
  });
}

/** The repositories whose names have all the words of a search, without their tree. */
export function foundRows(names: readonly string[], search: string): Row[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return names
    .filter((name) => words.every((word) => name.includes(word)))
    .sort(compareNames)
    .map((path) => ({ path, label: path, depth: 0, isRepository: true, count: 0, isOpen: false }));
}
