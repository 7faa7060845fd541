import { spawn } from "node:child_process";

export interface ProcessOptions {
  readonly cwd?: string;
  /** Beside this process's own; not set takes one away. */
  readonly env?: NodeJS.ProcessEnv;
  /** A file's worth of input. */
  readonly input?: Buffer;
}

export interface ProcessResult {
  /** 127: there is no such program. */
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const running = new Set<ReturnType<typeof spawn>>();

/** Runs a program whose files only the owner may read. */
export function runProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessResult> {
  const { cwd, env, input } = options;
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", 'umask 077; exec "$@"', "sh", command, ...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
      // Out of reach of the terminal's Ctrl-C: Terraform takes a second signal for an order to drop everything.
      detached: true,
    });
    running.add(child);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk) => out.push(chunk));
    child.stderr.on("data", (chunk) => err.push(chunk));
    child.stdin.on("error", () => undefined); // it need not read what it is given
    child.stdin.end(input);
    child.once("error", reject);
    child.once("close", (code) => {
      running.delete(child);
      resolve({ exitCode: code ?? 1, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() });
    });
  });
}

/** Ends what runs and waits for it: it may still write. */
export async function endProcesses(): Promise<void> {
  const ended = [...running].map(
    (child) =>
      new Promise((resolve) => {
        child.once("close", resolve);
        child.kill("SIGTERM");
      }),
  );
  await Promise.all(ended);
}
