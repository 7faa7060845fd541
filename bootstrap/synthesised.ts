import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ExpectedFailure } from "./failure";
import { project } from "./project";

export const OUT = join(project, "cdktf.out");

export interface StackManifest {
  readonly workingDirectory: string;
  readonly annotations: readonly { readonly level: string; readonly message: string; readonly constructPath: string }[];
}

/** A resource as the synth wrote it: names may be expressions that only the deploy resolves. */
export type Resources = Readonly<Record<string, Readonly<Record<string, { readonly name?: string }>>>>;

export interface StackConfiguration {
  readonly resource?: Resources;
  readonly terraform?: { readonly backend?: Readonly<Record<string, { readonly path?: string }>> };
}

/** What the last synth wrote, by environment. */
export function manifest(): Record<string, StackManifest> {
  const file = join(OUT, "manifest.json");
  if (!existsSync(file)) {
    throw new ExpectedFailure("nothing was started here yet: run npm start, or npm start -- <environment>");
  }
  return JSON.parse(readFileSync(file, "utf8")).stacks;
}

/** Where Terraform runs. */
export const folder = (environment: string): string => join(OUT, manifest()[environment].workingDirectory);

export function configuration(environment: string): StackConfiguration {
  return JSON.parse(readFileSync(join(folder(environment), "cdk.tf.json"), "utf8"));
}

/** The file with the state; not set where a backend keeps it elsewhere. */
export function stateFile(environment: string): string | undefined {
  const path = configuration(environment).terraform?.backend?.local?.path;
  return path === undefined ? undefined : resolve(folder(environment), path);
}

/** The names that a kind of resource will have, without those that only the deploy knows. */
export function literalNames(environment: string, type: string): string[] {
  const names = Object.values(configuration(environment).resource?.[type] ?? {}).map(({ name }) => name);
  return [...new Set(names.filter((name): name is string => name !== undefined && !name.includes("${")))];
}
