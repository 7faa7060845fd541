import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import execa from "execa";
import { eventually } from "./eventually";

const PID_FILE = "wire.pid";
const BRIDGE = "wire";

/**
 * A network between private engines and this machine, in a namespace of its own: what runs inside of it is on none of their
 * machines. It ends with the last process in the folder, and nothing of it stays; see `stopSwarmOf`.
 */
export class Wire {
  public static async lay(directory: string): Promise<Wire> {
    const wire = new Wire(directory, freeNetwork());
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    const file = path.join(directory, PID_FILE);
    fs.writeFileSync(file, "");
    const bridge = `ip link add ${BRIDGE} type bridge && ip address add ${wire.address(1)}/24 dev ${BRIDGE}`;
    // `tail` holds the namespace; its command line names the folder, by which it is found again.
    const hold = `ip link set lo up && ${bridge} && ip link set ${BRIDGE} up && echo $$ > "$0" && exec tail -f "$0"`;
    spawn("unshare", ["--net", "sh", "-c", hold, file], { detached: true, stdio: "ignore" }).unref();
    await eventually(() => wire.pid(), 10000);
    await wire.join(process.pid, 2, `wire${process.pid}`);
    return wire;
  }

  private constructor(
    private readonly directory: string,
    private readonly network: string,
  ) {}

  /** An IPv4 address on the wire: 1 is its own, where a server is reached from all machines, and 2 is this machine's. */
  public address(host: number): string {
    return `${this.network}.${host}`;
  }

  /** What has to stand before a command that is to run on the wire. */
  public get inside(): string[] {
    return ["nsenter", `--target=${this.pid()}`, "--net", "--"];
  }

  /** Joins the network namespace of a process, which sees the wire as an interface. */
  public async join(pid: number, host: number, name = BRIDGE): Promise<void> {
    const end = `to${host}`;
    const [program, ...inside] = this.inside;
    const here = (...args: string[]) => execa(program, [...inside, "ip", ...args]);
    const there = (...args: string[]) => execa("nsenter", [`--target=${pid}`, "--net", "--", "ip", ...args]);
    await here("link", "add", end, "type", "veth", "peer", "name", name, "netns", `${pid}`);
    await here("link", "set", end, "master", BRIDGE, "up");
    await there("address", "add", `${this.address(host)}/24`, "dev", name);
    await there("link", "set", name, "up");
  }

  private pid(): number {
    const pid = Number(fs.readFileSync(path.join(this.directory, PID_FILE), "utf8"));
    if (!(pid > 0)) {
      throw new Error("the wire is not laid (it needs root, unshare and ip)");
    }
    return pid;
  }
}

/** Of the block for benchmarks, which neither networks of people nor those of engines use. */
function freeNetwork(): string {
  const used = Object.values(os.networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
  const numbers = Array.from({ length: 254 }, (_, i) => 1 + ((process.pid + i) % 254));
  const number = numbers.find((n) => !used.some((address) => address.startsWith(`198.18.${n}.`)));
  return `198.18.${number}`;
}
