import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const ROOT = "/sys/fs/cgroup";
const TICKS = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** Seconds of CPU time that the container of a process has taken, whichever version of control groups the machine has. */
export function containerSeconds(pid: number): number {
  const groups = fs.readFileSync(`/proc/${pid}/cgroup`, "utf8").trim().split("\n");
  const [of, group] = ["cpuacct", ""]
    .map((name) => [name, groups.map((line) => line.split(":")).find(([, all]) => all.split(",").includes(name))?.[2]])
    .find(([, found]) => found !== undefined) ?? ["", "/"];
  if (of === "cpuacct") {
    return Number(fs.readFileSync(path.join(ROOT, "cpuacct", group ?? "", "cpuacct.usage"), "utf8")) / 1e9;
  }
  const stat = fs.readFileSync(path.join(ROOT, group ?? "", "cpu.stat"), "utf8");
  return Number(/usage_usec (\d+)/.exec(stat)?.[1]) / 1e6;
}

/** The same of a process alone. */
export function processSeconds(pid: number): number {
  const [, rest] = /\) (.*)/s.exec(fs.readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
  const fields = (rest ?? "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
