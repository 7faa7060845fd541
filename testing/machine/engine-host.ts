import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** Of the machine that the engine runs on, which for these tests is this one. */
const HOSTS = "/etc/hosts";
const CERTIFICATES = "/etc/docker/certs.d";

/** An address of this machine that is not a loopback one: the engine's own bridge, where nobody else comes by. */
export function engineAddress(): string {
  const { docker0, ...others } = os.networkInterfaces();
  const addresses = [docker0, ...Object.values(others)].flatMap((all) => all ?? []);
  const found = addresses.find(({ family, internal }) => family === "IPv4" && !internal);
  if (found === undefined) {
    throw new Error("this machine has no address but the loopback one");
  }
  return found.address;
}

/** Of programs in Go, the engine among them: so long they believe what they have read of the file. */
export const HOSTS_BELIEVED_MS = 5000;

/** A name that this machine, its engine included, finds in /etc/hosts. */
export class HostName {
  public constructor(
    public readonly host: string,
    private readonly address: string,
  ) {}

  public add(): void {
    fs.appendFileSync(HOSTS, `${this.line()}\n`);
  }

  public remove(): void {
    const lines = fs.readFileSync(HOSTS, "utf8").split("\n");
    if (lines.includes(this.line())) {
      // Written in place: in containers the file is a mount and cannot be replaced.
      fs.writeFileSync(HOSTS, lines.filter((line) => line !== this.line()).join("\n"));
    }
  }

  private line(): string {
    return `${this.address} ${this.host}`;
  }
}

/** Gives the engine a CA for one registry, as `host[:port]`; returns how to take it away again. */
export function trustInEngine(host: string, caFile: string): () => void {
  const hadFolder = fs.existsSync(CERTIFICATES);
  const folder = path.join(CERTIFICATES, host);
  fs.mkdirSync(folder, { recursive: true });
  fs.copyFileSync(caFile, path.join(folder, "ca.crt"));
  return () => {
    fs.rmSync(folder, { recursive: true, force: true });
    if (!hadFolder && fs.readdirSync(CERTIFICATES).length === 0) {
      fs.rmdirSync(CERTIFICATES);
    }
  };
}
