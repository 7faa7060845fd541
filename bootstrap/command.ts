import execa from "execa";
import { ExpectedFailure } from "./failure";

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutSeconds?: number;
}

/** How a command ended; `output` is what it printed, errors included. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly output: string;
}

/** Runs a command and tells how it ended; one that does not exist ends with 127, as in a shell. */
export async function attempt(command: string, args: string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { timeoutSeconds, ...rest } = options;
  const result = await execa(command, args, {
    ...rest,
    timeout: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000,
    stdin: "ignore",
    all: true,
    reject: false,
  });
  const missing = (result as { code?: string }).code === "ENOENT";
  return {
    exitCode: missing ? 127 : (result.exitCode ?? 1),
    stdout: result.stdout ?? "",
    output: result.timedOut ? `no answer in ${timeoutSeconds} s` : (result.all ?? ""),
  };
}

/** Runs a command that has to succeed; what it printed last is the reason when it does not. */
export async function run(command: string, args: string[], options: CommandOptions = {}): Promise<string> {
  const { exitCode, stdout, output } = await attempt(command, args, options);
  if (exitCode !== 0) {
    const reason = exitCode === 127 ? "it is not installed" : lastLines(output);
    throw new ExpectedFailure(`${[command, ...args].join(" ")} failed: ${reason}`);
  }
  return stdout;
}

/** Looks along PATH, without starting anything. */
export async function isInstalled(command: string): Promise<boolean> {
  const { exitCode } = await attempt("sh", ["-c", 'command -v "$1"', "sh", command]);
  return exitCode === 0;
}

export function lastLines(output: string, count = 12): string {
  return output.trimEnd().split("\n").slice(-count).join("\n");
}
