import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { attempt, type CommandResult } from "./command";
import { ExpectedFailure } from "./failure";
import { project } from "./project";
import type { Progress } from "./step";
import { attemptTerraform, runTerraform, type Terraform, terraformFailure } from "./terraform";

const OUT = join(project, "cdktf.out");
const PLAN = "deploy.tfplan";

interface StackManifest {
  readonly workingDirectory: string;
  readonly annotations: readonly { readonly level: string; readonly message: string; readonly constructPath: string }[];
}

/** Writes what Terraform reads, by the same command as `cdktf synth` but without its other five seconds. */
export async function synth(environment: string): Promise<string> {
  const { app } = JSON.parse(readFileSync(join(project, "cdktf.json"), "utf8"));
  const { exitCode, output } = await attempt("sh", ["-c", app], { cwd: project });
  if (exitCode !== 0) {
    throw synthFailure(output);
  }
  const { annotations } = manifest()[environment];
  const errors = annotations.filter(({ level }) => level === "@cdktf/error");
  if (errors.length > 0) {
    throw new ExpectedFailure(errors.map(({ constructPath, message }) => `${constructPath}: ${message}`).join("\n"));
  }
  const warnings = annotations.map(({ constructPath, message }) => `\n    warning: ${constructPath}: ${message}`);
  return `${Object.keys(manifest()).length} environments written to cdktf.out${warnings.join("")}`;
}

/** The message of the error that was thrown; where it was thrown is of no use to who has to mend an environment. */
export function synthFailure(output: string): ExpectedFailure {
  const [, message] = /^(?:\w*Error): ([\s\S]*?)(?:\n {4}at |\n*$(?![\s\S]))/m.exec(output) ?? [];
  return new ExpectedFailure(message ?? output.trim());
}

/**
 * Gives every stack a lock file that has none from its synth (see lock-files.ts): without one, `cdktf deploy` asks
 * Terraform's registry for checksums, past any mirror that Terraform is told to use.
 */
export async function initialise(terraform: Terraform, environment: string, progress: Progress): Promise<string> {
  const fresh = Object.keys(manifest()).filter((name) => !existsSync(join(folder(name), ".terraform.lock.hcl")));
  const unready = existsSync(join(folder(environment), ".terraform")) ? fresh : [...new Set([environment, ...fresh])];
  for (const name of unready) {
    progress(`terraform init of ${name}`);
    await runTerraform(terraform, ["init", "-input=false"], { cwd: folder(name) });
  }
  return unready.length > 0 ? `${unready.join(", ")} initialised` : "all are initialised";
}

/** Plans, and applies that very plan when it changes something. */
export async function deploy(terraform: Terraform, environment: string, progress: Progress): Promise<string> {
  const cwd = folder(environment);
  try {
    progress("planning");
    const plan = await planStack(terraform, cwd);
    if (plan.exitCode === 0) {
      return "no changes";
    }
    const [, counts] = /^Plan: (.*)\.$/m.exec(plan.stdout) ?? [];
    progress(counts ?? "changing outputs only");
    await runTerraform(terraform, ["apply", "-input=false", PLAN], { cwd });
    return `done: ${counts ?? "outputs changed"}`;
  } finally {
    rmSync(join(cwd, PLAN), { force: true }); // it holds what the state holds
  }
}

/** Ends with 0 when nothing changes and with 2 when something does. */
async function planStack(terraform: Terraform, cwd: string): Promise<CommandResult> {
  const planning = ["plan", "-input=false", "-detailed-exitcode", `-out=${PLAN}`];
  let plan = await attemptTerraform(terraform, planning, { cwd });
  if (plan.exitCode === 1 && /terraform init|tofu init/.test(plan.output)) {
    // Another provider or backend in the environment's file, or a provider that was built anew.
    await runTerraform(terraform, ["init", "-input=false", "-reconfigure", "-upgrade"], { cwd });
    plan = await attemptTerraform(terraform, planning, { cwd });
  }
  if (plan.exitCode !== 0 && plan.exitCode !== 2) {
    throw terraformFailure("plan", plan.output);
  }
  return plan;
}

export async function destroy(terraform: Terraform, environment: string): Promise<string> {
  const cwd = folder(environment);
  await runTerraform(terraform, ["init", "-input=false"], { cwd });
  const output = await runTerraform(terraform, ["destroy", "-input=false", "-auto-approve"], { cwd });
  const [, count] = /Destroy complete! Resources: (\d+) destroyed/.exec(output) ?? [];
  return `${count ?? "all"} resources destroyed`;
}

/** Whether the environment's local state says that nothing is deployed; a remote one has to be asked by Terraform. */
export function isKnownToBeEmpty(environment: string): boolean {
  const stack = JSON.parse(readFileSync(join(folder(environment), "cdk.tf.json"), "utf8"));
  const path = stack.terraform?.backend?.local?.path;
  if (path === undefined) {
    return false;
  }
  const state = resolve(folder(environment), path);
  return !existsSync(state) || JSON.parse(readFileSync(state, "utf8")).resources.length === 0;
}

export type Outputs = Readonly<Record<string, unknown>>;

export async function outputs(terraform: Terraform, environment: string): Promise<Outputs> {
  const json = await runTerraform(terraform, ["output", "-json"], { cwd: folder(environment) });
  const all = JSON.parse(json) as Record<string, { value: unknown }>;
  return Object.fromEntries(Object.entries(all).map(([name, { value }]) => [name, value]));
}

function manifest(): Record<string, StackManifest> {
  const file = join(OUT, "manifest.json");
  if (!existsSync(file)) {
    throw new ExpectedFailure("nothing was started here yet: run npm start, or npm start -- <environment>");
  }
  return JSON.parse(readFileSync(file, "utf8")).stacks;
}

const folder = (environment: string): string => join(OUT, manifest()[environment].workingDirectory);
