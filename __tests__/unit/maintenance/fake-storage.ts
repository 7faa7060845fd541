import { type ChildProcess, spawn } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import execa from "execa";
import { type MaintenanceScript, renderMaintenanceScript } from "../../../lib/maintenance/maintenance-script";

export const sha256 = (content: string | Buffer): string => crypto.createHash("sha256").update(content).digest("hex");

const HOUR = 3600;

/** What the registry's runner does with a wish, without a registry. */
const RUNNER = `
while :; do
  if [ -e wish ]; then echo read-only.yml >serving; else echo config.yml >serving; fi
  sleep 0.05
done`;

/** A registry's data as it writes it, and the script at work on it; no registry and no engine. */
export class FakeStorage {
  public readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "storage-"));
  public readonly data = path.join(this.folder, "data");
  public readonly root = path.join(this.data, "docker/registry/v2");
  public readonly status = path.join(this.folder, "status");
  public readonly ipc = path.join(this.folder, "ipc");
  private readonly bin = path.join(this.folder, "bin");
  private readonly runner: ChildProcess;

  constructor(script: Partial<MaintenanceScript> = {}) {
    for (const each of [this.root, this.status, this.ipc, this.bin]) {
      fs.mkdirSync(each, { recursive: true });
    }
    this.runner = spawn("sh", ["-c", RUNNER], { cwd: this.ipc, stdio: "ignore" });
    fs.writeFileSync(path.join(this.ipc, "runner.pid"), String(this.runner.pid));
    fs.writeFileSync(path.join(this.ipc, "registry.pid"), String(this.runner.pid));
    this.writeWith(script);
  }

  /** The script with other settings. */
  public writeWith(script: Partial<MaintenanceScript>): void {
    this.write({
      ...DEFAULTS,
      data: this.data,
      home: path.join(this.data, "maintenance"),
      status: this.status,
      ipc: this.ipc,
      ...script,
    });
  }

  /** As the runner of a registry does it when the script is gone. */
  public async recover(): Promise<string> {
    const { output } = await this.run(["recover"]);
    for (const left of [
      path.join(this.ipc, "wish"),
      path.join(this.ipc, "maintaining"),
      path.join(this.status, "window"),
    ]) {
      fs.rmSync(left, { recursive: true, force: true });
    }
    return output;
  }

  private write(script: MaintenanceScript): void {
    // The fake runner does not know the signal, and would end.
    const text = renderMaintenanceScript(script).replace("kill -USR1", "kill -0");
    fs.writeFileSync(path.join(this.bin, "maintain"), text, { mode: 0o755 });
  }

  public remove(): void {
    this.runner.kill("SIGKILL");
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs the script; `path` comes before the PATH of the machine. */
  public async run(args: string[], env: NodeJS.ProcessEnv = {}) {
    const script = path.join(this.bin, "maintain");
    const shell = process.env.MAINTENANCE_SHELL?.split(" ") ?? ["sh"];
    const { exitCode, all } = await execa(shell[0], [...shell.slice(1), script, ...args], {
      env,
      all: true,
      reject: false,
    });
    return { exitCode, output: all ?? "" };
  }

  public report(): Record<string, unknown> {
    return JSON.parse(fs.readFileSync(path.join(this.status, "maintenance.json"), "utf8"));
  }

  /** Adds a script that is asked to empty a cache. */
  public addForgetter(text: string): void {
    fs.writeFileSync(path.join(this.bin, "forget-cache"), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }

  /** A blob, with a link in the repository when one is named; older than any grace unless said otherwise. */
  public blob(content: string, repository?: string, hours = 100): string {
    const hex = sha256(content);
    this.file(`blobs/sha256/${hex.slice(0, 2)}/${hex}/data`, content, hours);
    if (repository) {
      this.file(`repositories/${repository}/_layers/sha256/${hex}/link`, `sha256:${hex}`, hours);
    }
    return hex;
  }

  public manifest(repository: string, content: object | string, tag?: string, hours = 100): string {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    const hex = this.blob(text, undefined, hours);
    const manifests = `repositories/${repository}/_manifests`;
    this.file(`${manifests}/revisions/sha256/${hex}/link`, `sha256:${hex}`, hours);
    if (tag) {
      this.tag(repository, tag, hex, hours);
    }
    return hex;
  }

  public tag(repository: string, tag: string, hex: string, hours = 100): void {
    const folder = `repositories/${repository}/_manifests/tags/${tag}`;
    this.file(`${folder}/current/link`, `sha256:${hex}`, hours);
    this.file(`${folder}/index/sha256/${hex}/link`, `sha256:${hex}`, hours);
  }

  /** An image of as many layers, which are its own. */
  public image(
    repository: string,
    tag: string | undefined,
    options: { layers?: number; subject?: string; hours?: number; word?: string } = {},
  ) {
    const { layers = 2, subject, hours, word = `${repository}:${tag}` } = options;
    const blobs = Array.from({ length: layers }, (_, i) => this.blob(`layer ${i} of ${word}`, repository, hours));
    const config = this.blob(`{"config":"${word}"}`, repository, hours);
    const manifest = this.manifest(
      repository,
      {
        schemaVersion: 2,
        config: { mediaType: "c", digest: `sha256:${config}`, size: 1 },
        layers: blobs.map((hex) => ({ mediaType: "l", digest: `sha256:${hex}`, size: 1 })),
        ...(subject ? { subject: { mediaType: "m", digest: `sha256:${subject}`, size: 1 } } : {}),
        annotations: { word },
      },
      tag,
      hours,
    );
    return { manifest, blobs: [...blobs, config] };
  }

  public index(repository: string, tag: string | undefined, children: string[], hours?: number): string {
    const manifests = children.map((hex) => ({ mediaType: "m", digest: `sha256:${hex}`, size: 1 }));
    return this.manifest(repository, { schemaVersion: 2, manifests, annotations: { name: String(tag) } }, tag, hours);
  }

  /** As a client's DELETE by digest leaves it. */
  public deleteManifest(repository: string, hex: string): void {
    const manifests = path.join(this.root, "repositories", repository, "_manifests");
    fs.rmSync(path.join(manifests, "revisions/sha256", hex), { recursive: true });
    for (const tag of fs.existsSync(path.join(manifests, "tags")) ? fs.readdirSync(path.join(manifests, "tags")) : []) {
      if (fs.readFileSync(path.join(manifests, "tags", tag, "current/link"), "utf8") === `sha256:${hex}`) {
        fs.rmSync(path.join(manifests, "tags", tag), { recursive: true });
      }
    }
  }

  public file(name: string, content: string, hours = 100): void {
    const file = path.join(this.root, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    const time = Date.now() / 1000 - hours * HOUR;
    fs.utimesSync(file, time, time);
  }

  public has(hex: string): boolean {
    return fs.existsSync(path.join(this.root, "blobs/sha256", hex.slice(0, 2), hex, "data"));
  }

  /** Every file of the registry with its content. */
  public tree(): Record<string, string> {
    const files = fs.readdirSync(this.root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    return Object.fromEntries(
      files
        .map((entry) => path.join(entry.parentPath, entry.name))
        .sort()
        .map((file) => [path.relative(this.root, file), fs.readFileSync(file, "utf8")]),
    );
  }
}

const DEFAULTS: Omit<MaintenanceScript, "data" | "home" | "status" | "ipc"> = {
  graceMinutes: 60,
  undoDays: 7,
  windowSeconds: 60,
  drainSeconds: 5,
  pauseSeconds: 0.05,
  period: 86400,
  offset: 0,
  untaggedSeconds: -1,
  retentionRules: "",
  immutableTags: "",
};
