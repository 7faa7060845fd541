import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { eventually } from "./eventually";

export interface SshServerOptions {
  readonly port: number;
  /** Where it listens. @default 127.0.0.1 */
  readonly address?: string;
  /** What has to stand before its command, such as `nsenter`. */
  readonly inside: string[];
  /** Environment of what its clients run. */
  readonly env: { readonly [name: string]: string };
}

/**
 * An OpenSSH server that lets root in by a key made for it, for commands and for files. Nothing is installed and no file of the machine
 * changes: Debian's packages are unpacked, and what sshd looks for at fixed places is mounted for its process alone.
 */
export class SshServer {
  public static async start(directory: string, options: SshServerOptions): Promise<SshServer> {
    const server = new SshServer(directory, options);
    await server.run();
    return server;
  }

  private process?: ReturnType<typeof spawn>;

  private constructor(
    private readonly directory: string,
    private readonly options: SshServerOptions,
  ) {}

  /** Arguments of ssh by which a client knows the server and is known to it. */
  public clientOptions(change: { key?: string; knownHosts?: string } = {}): string[] {
    const { key = this.file("client"), knownHosts = this.file("known_hosts") } = change;
    const options = ["IdentitiesOnly=yes", `UserKnownHostsFile=${knownHosts}`, "GlobalKnownHostsFile=/dev/null"];
    return ["-F", "none", "-i", key, ...options.flatMap((option) => ["-o", option])];
  }

  /** Another key, which the server does not know. */
  public async strangersKey(): Promise<string> {
    await this.keygen("stranger");
    return this.file("stranger");
  }

  /** Its key as a client has to know it: type and key. */
  public get hostKey(): string {
    return fs.readFileSync(this.file("host.pub"), "utf8").split(" ").slice(0, 2).join(" ");
  }

  /** What a client logs in with. */
  public get clientKey(): string {
    return fs.readFileSync(this.file("client"), "utf8");
  }

  public stop(): void {
    this.process?.kill("SIGTERM");
  }

  private get address(): string {
    return this.options.address ?? "127.0.0.1";
  }

  private file(name: string): string {
    return path.join(this.directory, name);
  }

  private async keygen(name: string): Promise<void> {
    await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", this.file(name)]);
  }

  private async run(): Promise<void> {
    fs.mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const root = await unpack(this.file("packages"));
    await this.keygen("host");
    await this.keygen("client");
    const { port, env } = this.options;
    const { address } = this;
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    fs.copyFileSync(this.file("client.pub"), this.file("authorized_keys"));
    const hostKey = fs.readFileSync(this.file("host.pub"), "utf8");
    fs.writeFileSync(this.file("known_hosts"), `${port === 22 ? address : `[${address}]:${port}`} ${hostKey}`);
    const sessions = path.join(root, "usr/lib/openssh");
    const split = fs.existsSync(path.join(sessions, "sshd-session"))
      ? [`SshdSessionPath ${sessions}/sshd-session`, `SshdAuthPath ${sessions}/sshd-auth`]
      : [];
    fs.writeFileSync(
      this.file("sshd_config"),
      [
        `ListenAddress ${address}:${port}`,
        `HostKey ${this.file("host")}`,
        `AuthorizedKeysFile ${this.file("authorized_keys")}`,
        "PermitRootLogin prohibit-password",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "UsePAM no",
        "StrictModes no",
        "PidFile none",
        "Subsystem sftp internal-sftp",
        ...(variables.length > 0 ? [`SetEnv ${variables.join(" ")}`] : []),
        ...split,
        "",
      ].join("\n"),
    );
    fs.writeFileSync(
      this.file("passwd"),
      `${fs.readFileSync("/etc/passwd", "utf8").trim()}\nsshd:x:65533:65534::/run/sshd:/usr/sbin/nologin\n`,
    );
    const log = fs.openSync(this.file("log"), "a");
    const start = [
      `mount --bind ${this.file("passwd")} /etc/passwd`,
      "mount -t tmpfs tmpfs /run",
      "mkdir -m 755 /run/sshd",
      `exec ${root}/usr/sbin/sshd -D -e -f ${this.file("sshd_config")}`,
    ].join(" && ");
    const folders = ["usr/lib", "lib"].map((folder) => path.join(root, folder)).filter((one) => fs.existsSync(one));
    const libraries = folders.flatMap((one) => [one, ...fs.readdirSync(one).map((name) => path.join(one, name))]);
    // It ends with the test run, also with one that is killed.
    const withParent = ["setpriv", "--pdeathsig=TERM"];
    const [command, ...args] = [...this.options.inside, ...withParent, "unshare", "--mount", "sh", "-c", start];
    this.process = spawn(command, args, {
      stdio: ["ignore", log, log],
      env: root === "/" ? process.env : { ...process.env, LD_LIBRARY_PATH: libraries.join(":") },
    });
    fs.closeSync(log);
    try {
      await eventually(() => this.answers(), 20000, 200);
    } catch {
      this.stop();
      throw new Error(`sshd does not answer:\n${fs.readFileSync(this.file("log"), "utf8")}`);
    }
  }

  private async answers(): Promise<void> {
    const [command, ...args] = [...this.options.inside, "ssh", ...this.clientOptions()];
    await execa(command, [...args, "-p", String(this.options.port), `root@${this.address}`, "true"]);
  }
}

/** The machine's own sshd where there is one. */
async function unpack(directory: string): Promise<string> {
  if (fs.existsSync("/usr/sbin/sshd")) {
    return "/";
  }
  fs.mkdirSync(path.join(directory, "partial"), { recursive: true });
  const options = ["--download-only", "--no-install-recommends", "--yes", "-o", `Dir::Cache::archives=${directory}`];
  const download = () => execa("apt-get", ["install", ...options, "openssh-server"]);
  await download().catch(async () => {
    await execa("apt-get", ["update"]); // a new machine has no package lists, and old ones name files that are gone
    await download();
  });
  const root = path.join(directory, "root");
  for (const file of fs.readdirSync(directory).filter((name) => name.endsWith(".deb"))) {
    await execa("dpkg", ["-x", path.join(directory, file), root]);
  }
  return root;
}
