import fs from "node:fs";
import path from "node:path";
import execa from "execa";

/** A running server container, and what the kernel counts for it. */
export class ServerContainer {
  public static async find(name: string): Promise<ServerContainer> {
    const { stdout } = await execa("docker", ["inspect", name]);
    return new ServerContainer(name, JSON.parse(stdout)[0].Id);
  }

  private constructor(
    public readonly name: string,
    private readonly id: string,
  ) {}

  /** CPU time of all its processes so far, in seconds. */
  public cpuSeconds(): number {
    const v1 = this.controlGroup("cpuacct", "cpuacct.usage");
    if (v1 !== undefined) {
      return Number(v1) / 1e9;
    }
    return Number(/usage_usec (\d+)/.exec(this.controlGroup("", "cpu.stat") ?? "")?.[1] ?? Number.NaN) / 1e6;
  }

  /** Memory of its processes in bytes, without the page cache, which the kernel takes back when it needs it. */
  public memory(): number {
    const text = this.controlGroup("memory", "memory.stat") ?? "";
    const value = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
    return text.includes("total_rss ") ? value("total_rss") + value("total_shmem") : value("anon") + value("shmem");
  }

  /** Bytes that its processes have had written to a disk so far; files in memory are not counted. */
  public diskBytesWritten(): number {
    const processes = (this.controlGroup("cpuacct", "cgroup.procs") ?? this.controlGroup("", "cgroup.procs") ?? "")
      .split("\n")
      .filter((pid) => pid !== "");
    return processes.reduce((sum, pid) => {
      const io = readOrNothing(`/proc/${pid}/io`) ?? "";
      return sum + Number(/^write_bytes: (\d+)$/m.exec(io)?.[1] ?? 0);
    }, 0);
  }

  private controlGroup(controller: string, file: string): string | undefined {
    const candidates = [`docker/${this.id}`, `system.slice/docker-${this.id}.scope`];
    return candidates
      .map((group) => readOrNothing(path.join("/sys/fs/cgroup", controller, group, file)))
      .find((text) => text !== undefined);
  }
}

export interface RunOptions {
  readonly image: string;
  readonly network: string;
  readonly alias: string;
  /** `port of 127.0.0.1:port in the container`; without it, only its network reaches it. */
  readonly publish?: string;
  /** `host path or volume:container path[:ro]` */
  readonly volumes: string[];
  readonly command: string[];
}

/** Starts a container of a hand-made system. */
export async function run(name: string, options: RunOptions): Promise<void> {
  const [entrypoint, ...args] = options.command;
  await execa("docker", [
    ...["run", "--detach", `--name=${name}`, `--network=${options.network}`, `--network-alias=${options.alias}`],
    ...(options.publish === undefined ? [] : [`--publish=127.0.0.1:${options.publish}`]),
    ...options.volumes.map((volume) => `--volume=${volume}`),
    "--env=OTEL_TRACES_EXPORTER=none",
    `--entrypoint=${entrypoint}`,
    options.image,
    ...args,
  ]);
}

function readOrNothing(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
