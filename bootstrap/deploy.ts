import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { attempt, type CommandResult } from "./command";
import { withEngineReasons } from "./deploy-failure";
import type { Docker } from "./docker";
import { ExpectedFailure } from "./failure";
import { engineTime, forgetDeploy, noteDeploy } from "./interrupted";
import { jsonOf } from "./json-output";
import { foreignFailure, removalCommands, removeLeftovers, volumesLeft } from "./leftovers";
import { requireUnsharedNetworks } from "./network-users";
import { project } from "./project";
import type { Progress } from "./step";
import { folder, manifest, stateFile } from "./synthesised";
import { attemptTerraform, LOCK_TIMEOUT, runTerraform, type Terraform, terraformFailure } from "./terraform";

const PLAN = "deploy.tfplan";

/** The command that synthesises. */
export const appCommand = (): string => JSON.parse(readFileSync(join(project, "cdktf.json"), "utf8")).app;

/** Writes what Terraform reads, by the same command as `cdktf synth` but without its other five seconds. */
export async function synthApp(): Promise<void> {
  const { exitCode, output } = await attempt("sh", ["-c", appCommand()], { cwd: project });
  if (exitCode !== 0) {
    throw synthFailure(output);
  }
}

export async function synth(environment: string): Promise<string> {
  await synthApp();
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
  const cwd = folder(environment);
  const isReady = existsSync(join(cwd, ".terraform")) && !hasForeignLock(terraform, cwd);
  const unready = isReady ? fresh : [...new Set([environment, ...fresh])];
  for (const name of unready) {
    progress(`terraform init of ${name}`);
    await runTerraform(terraform, ["init", "-input=false"], { cwd: folder(name) });
  }
  return unready.length > 0 ? `${unready.join(", ")} initialised` : "all are initialised";
}

/**
 * Whether the lock names providers as cdktf looks for them, which every synth sees to (see lock-files.ts). OpenTofu has them by
 * other names, and refuses most commands until an init has taken those away.
 */
function hasForeignLock({ providerHost }: Terraform, cwd: string): boolean {
  const lock = join(cwd, ".terraform.lock.hcl");
  const hosts = existsSync(lock) ? readFileSync(lock, "utf8").match(/(?<=^provider ")[^/]+/gm) : [];
  return (hosts ?? []).some((host) => host !== providerHost);
}

/** Plans, and applies that very plan when it changes something. */
export async function deploy(
  terraform: Terraform,
  docker: Docker,
  environment: string,
  progress: Progress,
): Promise<string> {
  const cwd = folder(environment);
  const leftovers = await removeLeftovers(terraform, docker, environment);
  const { removed, foreign } = leftovers;
  if (removed.length > 0) {
    progress(`a deploy was cut off: removed ${removed.map(({ name }) => name).join(", ")}, to be made anew`);
  }
  if (foreign.length > 0) {
    throw foreignFailure(docker, environment, leftovers);
  }
  try {
    progress("planning");
    const plan = await planStack(terraform, cwd);
    if (plan.exitCode === 0) {
      return "no changes";
    }
    const [, counts] = /^Plan: (.*)\.$/m.exec(plan.stdout) ?? [];
    progress(counts ?? "changing outputs only");
    noteDeploy(environment, await engineTime(docker));
    await runTerraform(terraform, ["apply", "-input=false", LOCK_TIMEOUT, PLAN], { cwd });
    return `done: ${counts ?? "outputs changed"}`;
  } catch (error) {
    throw await withEngineReasons(error, docker, environment);
  } finally {
    forgetDeploy(environment); // Terraform has ended and written down what it made
    rmSync(join(cwd, PLAN), { force: true }); // it holds what the state holds
  }
}

/** Ends with 0 when nothing changes and with 2 when something does. */
async function planStack(terraform: Terraform, cwd: string): Promise<CommandResult> {
  const planning = ["plan", "-input=false", LOCK_TIMEOUT, "-detailed-exitcode", `-out=${PLAN}`];
  let plan = await attemptTerraform(terraform, planning, { cwd });
  if (plan.exitCode === 1 && /terraform init|tofu init/.test(plan.output)) {
    // Another provider or backend in the environment's file, or a provider that was built anew.
    await runTerraform(terraform, ["init", "-input=false", "-reconfigure", "-upgrade"], { cwd });
    plan = await attemptTerraform(terraform, planning, { cwd });
  }
  if (plan.exitCode !== 0 && plan.exitCode !== 2) {
    throw terraformFailure("plan", plan.output, cwd);
  }
  return plan;
}

export async function destroy(terraform: Terraform, docker: Docker, environment: string): Promise<string> {
  const cwd = folder(environment);
  await runTerraform(terraform, ["init", "-input=false"], { cwd });
  const { removed, foreign } = await removeLeftovers(terraform, docker, environment);
  const outcome = isKnownToBeEmpty(environment)
    ? "nothing is deployed"
    : await destroyAll(terraform, docker, environment);
  const notes = removed.map(({ kind, name }) => `removed the ${kind} ${name}, which a killed deploy had left`);
  if (foreign.length > 0) {
    notes.push(
      `left alone, since the state does not know them; if nobody needs them:\n${removalCommands(docker, foreign)}`,
    );
  }
  const volumes = await volumesLeft(docker, environment);
  if (volumes.length > 0) {
    const command = docker.commandLine(["volume", "rm", ...volumes]);
    notes.push(`left alone, since the state does not know them; if nobody needs what is in them:\n    ${command}`);
  }
  return [outcome, ...notes].join("\n    ");
}

async function destroyAll(terraform: Terraform, docker: Docker, environment: string): Promise<string> {
  const cwd = folder(environment);
  await requireUnsharedNetworks(terraform, docker, environment);
  const output = await runTerraform(terraform, ["destroy", "-input=false", LOCK_TIMEOUT, "-auto-approve"], { cwd });
  const [, count] = /Destroy complete! Resources: (\d+) destroyed/.exec(output) ?? [];
  return `${count ?? "all"} resources destroyed`;
}

/** Whether the environment's local state says that nothing is deployed; a remote one has to be asked by Terraform. */
function isKnownToBeEmpty(environment: string): boolean {
  const state = stateFile(environment);
  return state !== undefined && (!existsSync(state) || JSON.parse(readFileSync(state, "utf8")).resources.length === 0);
}

export type Outputs = Readonly<Record<string, unknown>>;

export async function outputs(terraform: Terraform, environment: string): Promise<Outputs> {
  const cwd = folder(environment);
  if (hasForeignLock(terraform, cwd)) {
    await runTerraform(terraform, ["init", "-input=false"], { cwd });
  }
  const json = await runTerraform(terraform, ["output", "-json"], { cwd });
  const all = jsonOf(`${terraform.command} output`, json) as Record<string, { value: unknown }>;
  return Object.fromEntries(Object.entries(all).map(([name, { value }]) => [name, value]));
}
