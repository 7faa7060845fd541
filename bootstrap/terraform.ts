import { relative } from "node:path";
import { attempt, type CommandOptions, type CommandResult, isInstalled, lastLines } from "./command";
import { ExpectedFailure } from "./failure";
import { jsonOf } from "./json-output";
import { project } from "./project";
import { reasonOf } from "./remote-engine";

/** Long enough for another deploy of the same environment. */
export const LOCK_TIMEOUT = "-lock-timeout=120s";

/** Terraform or OpenTofu, whichever is here. */
export interface Terraform {
  readonly command: string;
  /** Where a provider without a host in its name comes from; also the name of the folder it is installed in. */
  readonly providerHost: string;
  /** Variables that it gets besides this shell's; not set takes one away. */
  readonly env?: NodeJS.ProcessEnv;
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
  const { stdout } = await attempt(command, ["version", "-json"], { env: { CHECKPOINT_DISABLE: "1" } });
  const { terraform_version: version } = jsonOf(`${command} version`, stdout) as { terraform_version: string };
  const name = command.endsWith("tofu") ? "OpenTofu" : "Terraform";
  const hint = command === "tofu" ? "; for cdktf's own commands: export TERRAFORM_BINARY_NAME=tofu" : "";
  return `${name} ${version}${hint}`;
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
    ...terraform.env,
    ...env,
  };
  return attempt("sh", ["-c", 'umask 077; exec "$@"', "sh", terraform.command, ...args], { ...options, env: quiet });
}

export async function runTerraform(terraform: Terraform, args: string[], options: CommandOptions): Promise<string> {
  const { exitCode, stdout, output } = await attemptTerraform(terraform, args, options);
  if (exitCode !== 0) {
    throw terraformFailure(args[0], output, options.cwd);
  }
  return stdout;
}

/** Terraform's error without its frame; one line for those that happen every day. */
export function terraformFailure(subcommand: string, output: string, cwd = "."): ExpectedFailure {
  const text = output.replace(/^[╷│╵] ?/gm, "");
  const away = /(?:connect to the Docker daemon|error pinging Docker server)[\s\S]*?(?=\n\s*\n|\n\s*with |$)/i.exec(
    text,
  );
  if (away) {
    const reason = reasonOf(away[0].replace(/\s+/g, " "));
    return new ExpectedFailure(
      `the Docker engine of this environment does not answer: ${reason}. Fix: start it, or open the way to it, then try again`,
    );
  }
  const held = /Error acquiring the state lock[\s\S]*?ID: +(\S+)/.exec(text);
  if (held) {
    return lockFailure(held[1], text, cwd);
  }
  if (text.includes("Error acquiring the state lock")) {
    // Its holder was about to let it go, and has taken the note of who it is away already.
    return new ExpectedFailure("the state is locked by another deploy. Fix: wait until that has ended, and try again");
  }
  const locked = [...text.matchAll(/Instance cannot be destroyed[\s\S]*?Resource (\S+) has/g)];
  if (locked.length > 0) {
    return new ExpectedFailure(
      `${locked.map(([, address]) => address).join(", ")} holds data and is protected: nothing was removed. Fix: to give the data up, set protectData to false in the environment's file and run npm stop again`,
    );
  }
  const unmet = [
    ...text.matchAll(/Error: Resource precondition failed[\s\S]*?├[\s\S]*?\n\s*\n([\s\S]*?)(?=\n\s*\n|\n?$)/g),
  ];
  if (unmet.length > 0) {
    return new ExpectedFailure([...new Set(unmet.map(([, words]) => words.trim().replace(/\s+/g, " ")))].join("\n"));
  }
  const first = text.indexOf("Error: ");
  const reason = first < 0 ? lastLines(text) : text.slice(first + "Error: ".length).trim();
  return new ExpectedFailure(`terraform ${subcommand} failed: ${reason}`);
}

/** Backends that lock by a file or an object keep the lock of a process that was killed. */
function lockFailure(id: string, text: string, cwd: string): ExpectedFailure {
  const field = (name: string) => new RegExp(`${name}: +(.+)`).exec(text)?.[1].trim() ?? "unknown";
  const unlock = `terraform -chdir=${relative(project, cwd)} force-unlock ${id}`;
  return new ExpectedFailure(
    `the state is locked: ${field("Operation")} by ${field("Who")} since ${field("Created")}. Fix: wait until that has ended; if it was killed: ${unlock}`,
  );
}
