import { type ChildProcess, spawn } from "node:child_process";

/** Processes that take all the CPU time they can get, as a build on the same machine does. */
export class BusyLoops {
  private readonly processes: ChildProcess[];

  public constructor(count: number) {
    this.processes = Array.from({ length: count }, () => spawn("sh", ["-c", "while :; do :; done"]));
  }

  public stop(): void {
    for (const busy of this.processes) {
      busy.kill("SIGKILL");
    }
  }
}
