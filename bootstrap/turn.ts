import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../review/run/is-alive";
import { project } from "./project";

const FILE = join(project, "state", ".preparing");

/**
 * One `npm start` of a checkout at a time may install, build and initialise: two would do so in the same folders.
 * Deploys of different environments run side by side again. A process that was killed holds nobody up.
 */
export async function inTurn<T>(work: () => Promise<T>, file = FILE): Promise<T> {
  for (let told = false; !take(file); told = true) {
    const owner = ownerOf(file);
    if (owner === undefined || isAlive(owner)) {
      if (!told && owner !== undefined) {
        console.log(`==> Waiting for another npm start of this checkout: process ${owner}, as ${file} says`);
      }
      await sleep(500);
    } else {
      discard(file, owner);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Linked into its place, so that the file is never there without its number. */
function take(file: string): boolean {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const incoming = `${file}.${process.pid}`;
  writeFileSync(incoming, String(process.pid));
  try {
    linkSync(incoming, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      return false;
    }
    throw error;
  } finally {
    rmSync(incoming);
  }
}

function ownerOf(file: string): number | undefined {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return undefined; // gone meanwhile
  }
}

/** Set aside under a name of this process first: two who wait must not both remove what one of them has taken since. */
function discard(file: string, owner: number): void {
  const aside = `${file}.${process.pid}-aside`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (ownerOf(aside) === owner) {
    rmSync(aside);
  } else {
    renameSync(aside, file);
  }
}
