import { existsSync, readFileSync, rmSync } from "node:fs";

const PID_FILES = [
  { file: "/run/docker.pid", program: "dockerd" },
  { file: "/run/docker/containerd/containerd.pid", program: "containerd" },
];

/**
 * An engine that was cut off leaves files with its process numbers. A number that another program has by now keeps
 * dockerd from starting, or makes it wait for a containerd that is none: such a file is taken away.
 */
export function removeStalePidFiles(pidFiles = PID_FILES, processes = "/proc"): string[] {
  const stale = pidFiles.filter(({ file, program }) => existsSync(file) && nameOf(file, processes) !== program);
  for (const { file } of stale) {
    rmSync(file);
  }
  return stale.map(({ file }) => file);
}

function nameOf(pidFile: string, processes: string): string | undefined {
  const name = `${processes}/${readFileSync(pidFile, "utf8").trim()}/comm`;
  return existsSync(name) ? readFileSync(name, "utf8").trim() : undefined;
}
