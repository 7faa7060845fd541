import { lastLines } from "./command";
import type { Docker } from "./docker";
import { ExpectedFailure } from "./failure";

interface Inspected {
  readonly Name: string;
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly Health?: { readonly Status: string; readonly Log?: readonly { readonly Output: string }[] };
  };
}

/**
 * Terraform says only that a container "failed to be in healthy state": this adds what its last check and its log say.
 *
 * @param names the containers of the environment
 */
export async function withReasons(error: unknown, docker: Docker, names: readonly string[]): Promise<unknown> {
  if (!(error instanceof ExpectedFailure) || !/healthy state/.test(error.message)) {
    return error;
  }
  const reasons = await unhealthy(docker, names);
  return reasons.length === 0 ? error : new ExpectedFailure([error.message, ...reasons].join("\n\n"));
}

/** Why each container that has a health check and is not healthy is so; nothing of those that are. */
export async function unhealthy(docker: Docker, names: readonly string[]): Promise<string[]> {
  const reasons: string[] = [];
  for (const name of names) {
    const { exitCode, stdout } = await docker.attempt(["container", "inspect", "--format", "{{json .}}", name]);
    const container: Inspected | undefined = exitCode === 0 ? JSON.parse(stdout) : undefined;
    if (container?.State.Health && container.State.Health.Status !== "healthy") {
      reasons.push(await reasonOf(docker, name, container.State));
    }
  }
  return reasons;
}

async function reasonOf(
  docker: Docker,
  name: string,
  { Status, ExitCode, Health }: Inspected["State"],
): Promise<string> {
  const check = Health?.Log?.at(-1)?.Output.trim();
  const { output } = await docker.attempt(["logs", "--tail", "5", name]);
  const log = lastLines(output, 5).trim();
  return [
    `${name} is ${Status}${Status === "running" ? "" : ` (exit code ${ExitCode})`}.`,
    ...(check ? ["  last health check:", indented(check)] : []),
    log ? "  last lines of its log:" : "  Its log is empty.",
    ...(log ? [indented(log)] : []),
  ].join("\n");
}

const indented = (text: string): string => text.replace(/^/gm, "    ");
