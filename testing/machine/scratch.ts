import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { isAlive } from "../../review/run/is-alive";
import { objectsOf, removeObjects } from "./engine-objects";
import { stopEngine } from "./private-engine";
import { stopSwarmOf } from "./swarm";

/**
 * Names of test runs: `t-<word>-<pid>`. The pid tells a run that still goes on from one that was killed, whose
 * containers, volumes and folders the next run removes.
 */
const RUN = /^t-[a-z0-9]+(?:-[a-z0-9]+)*?-(\d+)(?![0-9a-z])/;

const root = path.join(os.tmpdir(), "cdktf-docker-registry-tests");

export function runName(word: string): string {
  return `t-${word}-${process.pid}`;
}

/** A folder outside the repository that only its owner can read: it will hold state, plans and keys. */
export function scratchDirectory(name: string): string {
  fs.mkdirSync(root, { recursive: true, mode: 0o700 });
  const directory = path.join(root, name);
  fs.mkdirSync(directory, { mode: 0o700 });
  return directory;
}

export function removeDirectory(directory: string): void {
  fs.rmSync(directory, { recursive: true, force: true });
}

/** Removes what killed runs left behind; runs that are alive are not touched. */
export async function sweepDeadRuns(): Promise<void> {
  const isDead = (name: string) => {
    const pid = RUN.exec(name)?.[1];
    return pid !== undefined && !isAlive(Number(pid));
  };
  for (const name of fs.existsSync(root) ? fs.readdirSync(root).filter(isDead) : []) {
    await stopEngine(path.join(root, name, "engine"));
    await stopSwarmOf(path.join(root, name));
    removeDirectory(path.join(root, name));
  }
  await removeObjects(await objectsOf(isDead));
}
