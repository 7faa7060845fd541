import { attempt, type CommandOptions, type CommandResult, isInstalled, lastLines } from "./command";
import { ExpectedFailure } from "./failure";

/** Terraform or OpenTofu, whichever is here. */
export interface Terraform {
  readonly command: string;
  /** Where a provider without a host in its name comes from; also the name of the folder it is installed in. */
  readonly providerHost: string;
}

/** cdktf's own variable for another binary comes first, so that both commands use the same one. */
export async function findTerraform(): Promise<Terraform> {
  const chosen = process.env.TERRAFORM_BINARY_NAME;
  for (const command of chosen ? [chosen] : ["terraform", "tofu"]) {
    if (await isInstalled(command)) {
      return { command, providerHost: providerHostOf(command) };
    }
  }
  throw new ExpectedFailure(
    chosen
      ? `TERRAFORM_BINARY_NAME is ${chosen}, which is not installed`
      : `neither terraform nor tofu is on PATH. Install one, then try again:
    Terraform  https://developer.hashicorp.com/terraform/install
    OpenTofu   https://opentofu.org/docs/intro/install`,
  );
}

export const providerHostOf = (command: string): string =>
  command.endsWith("tofu") ? "registry.opentofu.org" : "registry.terraform.io";

export async function describeTerraform({ command }: Terraform): Promise<string> {
  const { stdout } = await attempt(command, ["version"], { env: { CHECKPOINT_DISABLE: "1" } });
  const hint = command === "tofu" ? "; for cdktf's own commands: export TERRAFORM_BINARY_NAME=tofu" : "";
  return `${stdout.split("\n")[0]}${hint}`;
}

/** Runs it in a stack's folder. The shell sets the umask, since state and plans hold secrets. */
export function attemptTerraform(
  terraform: Terraform,
  args: string[],
  { env, ...options }: CommandOptions,
): Promise<CommandResult> {
  const quiet = {
    CHECKPOINT_DISABLE: "1",
    TF_IN_AUTOMATION: "1",
    TF_CLI_ARGS: `${process.env.TF_CLI_ARGS ?? ""} -no-color`,
    ...env,
  };
  return attempt("sh", ["-c", 'umask 077; exec "$@"', "sh", terraform.command, ...args], { ...options, env: quiet });
}

export async function runTerraform(terraform: Terraform, args: string[], options: CommandOptions): Promise<string> {
  const { exitCode, stdout, output } = await attemptTerraform(terraform, args, options);
  if (exitCode !== 0) {
    throw terraformFailure(args[0], output);
  }
  return stdout;
}

/** Terraform's error without its frame; one line for those that happen every day. */
export function terraformFailure(subcommand: string, output: string): ExpectedFailure {
  const text = output.replace(/^[╷│╵] ?/gm, "");
  if (/connect to the Docker daemon|error pinging Docker server/i.test(text)) {
    return new ExpectedFailure("the Docker engine of this environment does not answer: start it, then try again");
  }
  const locked = /Instance cannot be destroyed[\s\S]*?Resource (\S+) has/.exec(text);
  if (locked) {
    return new ExpectedFailure(
      `${locked[1]} holds data and is protected: set protectData to false in the environment's file to destroy it`,
    );
  }
  const first = text.indexOf("Error: ");
  const reason = first < 0 ? lastLines(text) : text.slice(first + "Error: ".length).trim();
  return new ExpectedFailure(`terraform ${subcommand} failed: ${reason}`);
}
