import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Docker } from "./docker";
import { project } from "./project";
import { stateFile } from "./synthesised";

/** Terraform's own note of whoever holds the lock of a state file; a process that was killed leaves it behind. */
interface LockInfo {
  readonly Operation: string;
  readonly Created: string;
}

const noteOf = (environment: string): string => join(project, "state", `.${environment}.deploying`);

/** The engine's clock, which is the one that dates its containers. */
export async function engineTime(docker: Docker): Promise<number> {
  return Date.parse(await docker.run(["info", "--format", "{{.SystemTime}}"], { timeoutSeconds: 30 }));
}

/**
 * When the last deploy from this checkout began, if it was cut off: in milliseconds of the engine's clock. To be asked
 * before Terraform runs again, since it overwrites its own note.
 */
export async function interruptedSince(environment: string, docker: Docker): Promise<number | undefined> {
  const note = noteOf(environment);
  if (existsSync(note)) {
    return Number(readFileSync(note, "utf8"));
  }
  const created = lockLeftBehind(environment);
  if (created === undefined) {
    return undefined;
  }
  const since = created + (await engineTime(docker)) - Date.now();
  noteDeploy(environment, since);
  return since;
}

/** Whether a deploy from this checkout goes on at the moment, or was killed and not made up for. */
export const isDeployNoted = (environment: string): boolean => existsSync(noteOf(environment));

/** Left in place by a deploy that is killed. */
export function noteDeploy(environment: string, since: number): void {
  const note = noteOf(environment);
  mkdirSync(dirname(note), { recursive: true, mode: 0o700 });
  writeFileSync(note, String(since), { mode: 0o600 });
}

export function forgetDeploy(environment: string): void {
  rmSync(noteOf(environment), { force: true });
}

function lockLeftBehind(environment: string): number | undefined {
  const state = stateFile(environment);
  const file = state && join(dirname(state), `.${basename(state)}.lock.info`);
  if (file === undefined || !existsSync(file)) {
    return undefined;
  }
  try {
    const { Operation, Created } = JSON.parse(readFileSync(file, "utf8")) as LockInfo;
    return Operation === "OperationTypeApply" ? Date.parse(Created) : undefined;
  } catch {
    return undefined; // cut off as well
  }
}
