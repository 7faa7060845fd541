import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import execa from "execa";
import { renderDaemonFragment, renderTrustScript, type TrustedRegistry } from "../../../lib/client/trust-script";
import { issue } from "../tls/x509";

export const https: TrustedRegistry = {
  hostPort: "registry.example.com:5444",
  hostName: "registry.example.com",
  hasCa: true,
  daemon: { key: "registry-mirrors", value: "https://registry.example.com:5444" },
};
export const http: TrustedRegistry = {
  hostPort: "registry.example.com:5080",
  hostName: "registry.example.com",
  hasCa: false,
  daemon: { key: "insecure-registries", value: "registry.example.com:5080" },
};
export const ca = issue({ subject: "Example CA", isCa: true, names: [] }).certificatePem;

/** A client's machine: its own configuration, trust store and commands, so that the test needs no root and harms nobody. */
export class Machine {
  public readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "trust-script-"));

  public constructor(registry: TrustedRegistry) {
    this.write("trust/install.sh", renderTrustScript(registry));
    this.write("trust/daemon.json", renderDaemonFragment(registry.daemon));
    if (registry.hasCa) {
      this.write("trust/ca.crt", ca);
    }
  }

  public async install(...options: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    return execa("sh", [path.join(this.folder, "trust/install.sh"), ...options], {
      env: {
        PATH: `${this.folder}/bin:${process.env.PATH}`,
        HOME: `${this.folder}/home`,
        DOCKER_CERTS_D: `${this.folder}/etc/docker/certs.d`,
        DOCKER_DAEMON_JSON: `${this.folder}/etc/docker/daemon.json`,
        TRUST_STATE: `${this.folder}/state/trust`,
      },
      reject: false,
    });
  }

  public write(name: string, content: string, mode = 0o644): void {
    fs.mkdirSync(path.dirname(path.join(this.folder, name)), { recursive: true });
    fs.writeFileSync(path.join(this.folder, name), content, { mode });
  }

  /** Stands in for a command of another system. */
  public command(name: string, script: string): void {
    this.write(`bin/${name}`, `#!/bin/sh\n${script}\n`, 0o755);
  }

  public read(name: string): string {
    return fs.readFileSync(path.join(this.folder, name), "utf8");
  }

  /** Every file and its content, but for the stand-ins and the folder that was copied here. */
  public files(): Record<string, string> {
    const names = fs.readdirSync(this.folder, { recursive: true, encoding: "utf8" }).sort();
    return Object.fromEntries(
      names
        .filter((name) => !/^(?:bin|trust)/.test(name))
        .map((name) => [name, fs.statSync(path.join(this.folder, name)).isFile() ? this.read(name) : "(folder)"]),
    );
  }

  public remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
