import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Manifest {
  readonly stacks: Readonly<
    Record<string, { readonly workingDirectory: string; readonly dependencies?: readonly string[] }>
  >;
}

/** The stacks of a synth with their folders, each after those that it depends on. */
export function stacksIn(out: string): ReadonlyMap<string, string> {
  const file = join(out, "manifest.json");
  if (!existsSync(file)) {
    throw new Error(`${file} is not there. Fix: run cdktf synth, or name the folder that it writes to by --out`);
  }
  const { stacks } = JSON.parse(readFileSync(file, "utf8")) as Manifest;
  const ordered = new Map<string, string>();
  const add = (name: string, above: readonly string[]): void => {
    if (stacks[name] === undefined || ordered.has(name) || above.includes(name)) {
      return;
    }
    for (const other of stacks[name].dependencies ?? []) {
      add(other, [...above, name]);
    }
    ordered.set(name, join(out, stacks[name].workingDirectory));
  };
  for (const name of Object.keys(stacks)) {
    add(name, []);
  }
  return ordered;
}
