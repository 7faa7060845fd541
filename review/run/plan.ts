import type { PlanJson } from "../model/plan-json";
import { type ProcessResult, runProcess } from "./process";

/** Terraform or OpenTofu. */
export interface TerraformCommand {
  readonly command: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Where and how a stack is planned. */
export interface Planning {
  readonly terraform: TerraformCommand;
  /** The folder with `cdk.tf.json`, initialised. */
  readonly folder: string;
  /** Where the plan goes: in a private folder. */
  readonly file: string;
  /** Only what was changed by hand. */
  readonly driftOnly?: boolean;
  readonly lockTimeoutSeconds?: number;
}

/** Terraform ended with an error; `output` is its own words. */
export class TerraformError extends Error {
  constructor(
    public readonly subcommand: string,
    public readonly output: string,
  ) {
    super(`terraform ${subcommand} failed: ${output.trim()}`);
  }
}

/** Plans into the file; tells whether anything changes. */
export async function makePlan(planning: Planning): Promise<boolean> {
  const { file, driftOnly, lockTimeoutSeconds = 120 } = planning;
  const { exitCode, stdout, stderr } = await terraform(planning, [
    "plan",
    "-input=false",
    `-lock-timeout=${lockTimeoutSeconds}s`,
    "-detailed-exitcode",
    `-out=${file}`,
    ...(driftOnly ? ["-refresh-only"] : []),
  ]);
  if (exitCode !== 0 && exitCode !== 2) {
    throw new TerraformError("plan", `${stdout}${stderr}`);
  }
  return exitCode === 2;
}

/** The plan with all its secrets, through a pipe: it is in no file. */
export async function showPlan(planning: Planning): Promise<PlanJson> {
  const { exitCode, stdout, stderr } = await terraform(planning, ["show", "-json", planning.file]);
  if (exitCode !== 0) {
    throw new TerraformError("show", stderr);
  }
  return parse(stdout.toString());
}

/** Applies that plan and no other; Terraform refuses it when the state has changed since. */
export async function applyPlan(planning: Planning): Promise<string> {
  const lock = `-lock-timeout=${planning.lockTimeoutSeconds ?? 120}s`;
  const { exitCode, stdout, stderr } = await terraform(planning, ["apply", "-input=false", lock, planning.file]);
  if (exitCode !== 0) {
    throw new TerraformError("apply", `${stdout}${stderr}`);
  }
  return stdout.toString();
}

function terraform({ terraform: { command, env }, folder }: Planning, args: string[]): Promise<ProcessResult> {
  const quiet = {
    CHECKPOINT_DISABLE: "1",
    TF_IN_AUTOMATION: "1",
    TF_CLI_ARGS: `${process.env.TF_CLI_ARGS ?? ""} -no-color`,
  };
  return runProcess(command, args, { cwd: folder, env: { ...quiet, ...env } });
}

/** Warnings may stand before it. An error must not repeat what was read: it has secrets in it. */
function parse(stdout: string): PlanJson {
  for (const line of stdout.split("\n").filter((one) => one.startsWith("{"))) {
    try {
      const plan = JSON.parse(line) as PlanJson;
      if (plan.format_version?.startsWith("1.")) {
        return plan;
      }
    } catch {
      // a warning that begins like JSON
    }
  }
  throw new TerraformError("show", "it printed no plan in a format that is known (1.x)");
}
