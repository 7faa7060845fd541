import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { reviewKey } from "./key";
import { stacksIn } from "./manifest";
import { chosen } from "./policy-file";
import { runProcess } from "./process";
import type { StackToReview } from "./review-stacks";

/** Any cdktf project; the command runs where its cdktf.json is. */
export const project = process.cwd();

export const out = resolve(project, process.env.CDKTF_OUTDIR ?? "cdktf.out");

/** What people wait for goes to the other stream, so that the report can be kept in a file. */
export const progress = (activity: string): void => console.error(`    ... ${activity}`);

export const key = (): string => reviewKey(join(project, ".review-key"));

/** The command that synthesises. */
export function appCommand(): string {
  const file = join(project, "cdktf.json");
  if (!existsSync(file)) {
    throw new Error(`${file} is not there. Fix: run this in the folder of a cdktf project`);
  }
  return JSON.parse(readFileSync(file, "utf8")).app;
}

export async function synth(): Promise<void> {
  const app = appCommand();
  progress("synth");
  const made = await runProcess("sh", ["-c", app], { cwd: project, env: { CDKTF_OUTDIR: out } });
  if (made.exitCode !== 0) {
    throw new Error(`the synth failed: ${`${made.stdout}${made.stderr}`.trim()}`);
  }
}

/** The stacks of those names, or all, as Terraform plans them: initialised. */
export async function stacksToReview(names: readonly string[]): Promise<StackToReview[]> {
  const known = stacksIn(out);
  const command = process.env.TERRAFORM_BINARY_NAME ?? "terraform";
  const stacks: StackToReview[] = [];
  for (const name of chosen(names, [...known.keys()])) {
    const folder = String(known.get(name));
    await initialise(command, folder);
    stacks.push({ name, folder, terraform: { command } });
  }
  return stacks;
}

async function initialise(command: string, folder: string): Promise<void> {
  if (!existsSync(join(folder, ".terraform"))) {
    progress(`terraform init of ${folder}`);
    const { exitCode: failed, stderr } = await runProcess(command, ["init", "-input=false", "-no-color"], {
      cwd: folder,
    });
    if (failed !== 0) {
      throw new Error(`terraform init failed: ${stderr.trim()}`);
    }
  }
}
