import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { eventually } from "./eventually";
import { expectNoneOf, killAllOf } from "./processes";

const PID_FILE = "docker.pid";
const DATA = "data";

export interface PrivateEngineOptions {
  /**
   * Whether a process of the engine carries what this machine's own clients send to published ports, as engines do
   * unless told otherwise. Without it the kernel does, as it always does for clients on other machines.
   *
   * @default true
   */
  readonly userlandProxy?: boolean;

  /**
   * An IPv4 address of the engine's machine, beside the loopback one.
   *
   * @default - none
   */
  readonly address?: string;

  /**
   * Host name of the engine's machine, which tells the nodes of a swarm apart.
   *
   * @default - the name of this machine
   */
  readonly name?: string;

  /**
   * Whether it also listens on 127.0.0.1 of its namespace, for clients whose certificate is of the CA in the folder:
   * `ca.pem`, and `server.pem` and `server-key.pem` of the engine.
   *
   * @default - it listens on a socket only
   */
  readonly tls?: { readonly port: number; readonly certificates: string };
}

/**
 * A Docker engine of one's own: it may be restarted and measured without harm to anybody. It lives in a network namespace
 * of its own, since two engines in one take each other's bridges. It needs root, `dockerd`, `unshare` and `ip`.
 */
export class PrivateEngine {
  public static async start(directory: string, options: PrivateEngineOptions = {}): Promise<PrivateEngine> {
    const engine = new PrivateEngine(directory, options);
    await engine.run();
    return engine;
  }

  /** The engine as `DOCKER_HOST` and the provider take it. */
  public readonly host: string;

  private constructor(
    private readonly directory: string,
    private readonly options: PrivateEngineOptions,
  ) {
    this.host = `unix://${directory}/docker.sock`;
    const file = (name: string) => path.join(directory, name);
    const { tls } = options;
    const configuration = {
      hosts: [this.host, ...(tls ? [`tcp://127.0.0.1:${tls.port}`] : [])],
      ...(tls
        ? {
            tlsverify: true,
            tlscacert: path.join(tls.certificates, "ca.pem"),
            tlscert: path.join(tls.certificates, "server.pem"),
            tlskey: path.join(tls.certificates, "server-key.pem"),
          }
        : {}),
      "data-root": file(DATA),
      "exec-root": file("exec"),
      pidfile: file(PID_FILE),
      "userland-proxy": options.userlandProxy ?? true,
    };
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    fs.writeFileSync(file("daemon.json"), JSON.stringify(configuration));
  }

  /** What has to stand before a client's command that is to reach the ports which this engine publishes. */
  public get inside(): string[] {
    return ["nsenter", `--target=${this.pid}`, "--net", "--"];
  }

  /** Of dockerd itself. */
  public get pid(): number {
    return Number(fs.readFileSync(path.join(this.directory, PID_FILE), "utf8"));
  }

  /** Copies images from the machine's engine: there may be no image registry to pull from. */
  public async copyImages(references: string[]): Promise<void> {
    const save = execa("docker", ["save", ...references], { buffer: false });
    const load = execa("docker", ["--host", this.host, "load"], { input: save.stdout ?? undefined });
    await Promise.all([save, load]);
  }

  /** Settings as daemon.json takes them, from the next start on. */
  public configure(settings: object): void {
    const file = path.join(this.directory, "daemon.json");
    fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, "utf8")), ...settings }));
  }

  /** As after a reboot: no container runs, no network is there, and the engine starts what it should. */
  public async restart(): Promise<void> {
    await this.stop();
    await this.run();
  }

  /**
   * As when the machine loses its power: engine and containers are gone at once. What they had written is there, as the
   * kernel lives on; a real loss of power may also lose that.
   */
  public async kill(): Promise<void> {
    killAllOf(`${this.directory}/`);
    await eventually(() => expectNoneOf(`${this.directory}/`), 20000);
    await unmountBelow(this.directory);
    // These are in /run on a machine, which is empty after a start.
    fs.rmSync(path.join(this.directory, PID_FILE), { force: true });
    fs.rmSync(path.join(this.directory, "exec"), { recursive: true, force: true });
  }

  /** As the machine's start does. */
  public async start(): Promise<void> {
    await this.run();
  }

  public async stop(): Promise<void> {
    await stopEngine(this.directory);
  }

  private async run(): Promise<void> {
    const log = fs.openSync(path.join(this.directory, "dockerd.log"), "a");
    const { address, name } = this.options;
    const addresses = address ? `ip address add ${address}/32 dev lo && ` : "";
    const hostname = name ? `hostname ${name} && ` : "";
    const start = `ip link set lo up && ${addresses}${hostname}exec dockerd --config-file "$0"`;
    spawn(
      "unshare",
      ["--net", ...(name ? ["--uts"] : []), "sh", "-c", start, path.join(this.directory, "daemon.json")],
      {
        detached: true,
        stdio: ["ignore", log, log],
      },
    ).unref();
    fs.closeSync(log);
    try {
      await eventually(() => execa("docker", ["--host", this.host, "version"]), 60000, 500);
    } catch {
      const words = fs.readFileSync(path.join(this.directory, "dockerd.log"), "utf8").slice(-2000);
      throw new Error(`a private engine does not start (it needs root, dockerd, unshare and ip):\n${words}`);
    }
  }
}

export async function unmountBelow(directory: string): Promise<void> {
  const mounts = fs
    .readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((mount) => mount.startsWith(`${directory}/`));
  for (const mount of mounts.reverse()) {
    await execa("umount", ["--lazy", mount], { reject: false });
  }
}

/** Ends the engine that lives in the folder, also one that a killed test run left there. */
export async function stopEngine(directory: string): Promise<void> {
  const pidFile = path.join(directory, PID_FILE);
  if (!fs.existsSync(pidFile)) {
    return;
  }
  const pid = Number(fs.readFileSync(pidFile, "utf8"));
  // The file may be older than the machine's last start, and the number another process's by now.
  const command = `/proc/${pid}/cmdline`;
  if (!fs.existsSync(command) || !fs.readFileSync(command, "utf8").includes(directory)) {
    fs.rmSync(pidFile);
    return;
  }
  process.kill(pid, "SIGTERM");
  await eventually(() => {
    if (fs.existsSync(pidFile)) {
      throw new Error(`the engine in ${directory} does not end; its log is dockerd.log there`);
    }
  }, 60000);
  // Where mounts are private to begin with, dockerd makes its folder a mount of its own and leaves it.
  await unmountBelow(directory);
}
