import { execFileSync } from "node:child_process";

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
