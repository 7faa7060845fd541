import { execFileSync } from "node:child_process";
import fs from "node:fs";

/** A process and all that it started, as they are at this moment. */
function tree(pid: number): number[] {
  const table = execFileSync("ps", ["-e", "-o", "pid=,ppid="], { encoding: "utf8" });
  const rows = table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] => [
    parent,
    ...rows.filter(([, ppid]) => ppid === parent).flatMap(([child]) => below(child)),
  ];
  return below(pid);
}

/** As a machine that loses its power: nobody has the time to write down what happened. */
export function killTree(pid: number): void {
  // Stopped first, so that none sees another one die.
  signal(tree(pid), "SIGSTOP");
  signal(tree(pid), "SIGKILL");
}

function signal(pids: number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // ended by itself
    }
  }
}

/** As the kernel does when memory runs out. */
export function killProcess(pid: number): void {
  signal([pid], "SIGKILL");
}

/** Processes of the container that a process is in whose command line is like that. */
export function processesBeside(pid: number, line: RegExp): number[] {
  const namespace = (one: number) => fs.readlinkSync(`/proc/${one}/ns/pid`);
  return fs
    .readdirSync("/proc")
    .map(Number)
    .filter((one) => {
      try {
        const text = fs.readFileSync(`/proc/${one}/cmdline`, "utf8").split("\0").join(" ");
        return line.test(text) && namespace(one) === namespace(pid);
      } catch {
        return false;
      }
    });
}

/** Also of one that is stopped; of one that has ended and was not waited for nothing is left. */
export function isAtWork(pid: number): boolean {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`).length > 0;
  } catch {
    return false;
  }
}

/** Processes whose command line names the folder. */
function named(directory: string): number[] {
  return execFileSync("ps", ["-e", "-ww", "-o", "pid=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(directory))
    .map((line) => Number.parseInt(line, 10));
}

/** Kills all whose command line names the folder, with what they started: an engine's daemons and containers. */
export function killAllOf(directory: string): void {
  const all = () => [...new Set(named(directory).flatMap(tree))];
  signal(all(), "SIGSTOP");
  signal(all(), "SIGKILL");
}

export function expectNoneOf(directory: string): void {
  const left = named(directory);
  if (left.length > 0) {
    throw new Error(`${left.join(", ")} of ${directory} live on`);
  }
}
