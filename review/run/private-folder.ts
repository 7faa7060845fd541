import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "./is-alive";
import { endProcesses } from "./process";

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
const PREFIX = "plan-review-";

/**
 * A folder for plans, which hold what the state holds: only its owner may enter it, and it is removed when the work has
 * ended, has failed or is ended by a signal. What a process that was killed left is removed by the next one.
 */
export async function inPrivateFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  removeLeftovers();
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  chmodSync(folder, 0o700);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  let isEnding = false;
  const end = async (signal: NodeJS.Signals) => {
    if (isEnding) {
      return; // npm passes on what the terminal has sent already
    }
    isEnding = true;
    await endProcesses();
    remove();
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of SIGNALS) {
    process.on(signal, end);
  }
  try {
    return await work(folder);
  } finally {
    remove();
    for (const signal of SIGNALS) {
      process.off(signal, end);
    }
  }
}

function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = new RegExp(`^${PREFIX}(\\d+)-`).exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) {
      try {
        rmSync(join(tmpdir(), name), { recursive: true, force: true });
      } catch {
        // somebody else's
      }
    }
  }
}
