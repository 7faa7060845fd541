import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { selfSigned } from "../clients/openssl";
import { eventually } from "../machine/eventually";
import { freePorts } from "../machine/ports";

/** A real ACME authority, which lives as long as the test: Let's Encrypt's own for tests. */
export class AcmeServer {
  /**
   * @param directory for its files
   * @param httpPort where it looks for answers to http-01 challenges, as the authorities on the Internet do on port 80
   */
  public static async start(directory: string, httpPort: number): Promise<AcmeServer> {
    const [port, managementPort, tlsPort] = await freePorts(3);
    await selfSigned(directory, "acme", "127.0.0.1");
    const file = (name: string) => path.join(directory, name);
    const pebble = {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: `127.0.0.1:${managementPort}`,
      certificate: file("acme.crt"),
      privateKey: file("acme.key"),
      httpPort,
      tlsPort,
      ocspResponderURL: "",
      externalAccountBindingRequired: false,
    };
    fs.writeFileSync(file("pebble.json"), JSON.stringify({ pebble }));
    const log = fs.openSync(file("pebble.log"), "a");
    const server = spawn("pebble", ["-config", file("pebble.json")], {
      env: { ...process.env, PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "0" },
      stdio: ["ignore", log, log],
    });
    fs.closeSync(log);
    const root = file("root.crt");
    const ask = ["--silent", "--fail", "--cacert", file("acme.crt"), "--output", root];
    await eventually(() => execa("curl", [...ask, `https://127.0.0.1:${managementPort}/roots/0`]), 10000);
    return new AcmeServer(`https://127.0.0.1:${port}/dir`, file("acme.crt"), root, server);
  }

  private constructor(
    public readonly url: string,
    /** File of the certificate that the server itself has. */
    public readonly ca: string,
    /** File of the root of what it issues. */
    public readonly root: string,
    private readonly server: ChildProcess,
  ) {}

  public stop(): void {
    this.server.kill();
  }
}

/** How a client answers a challenge: by a server of its own, or by a file in a folder that another one serves. */
export type Challenge = { readonly port: number } | { readonly webroot: string };

/** A real ACME client with an account of its own: lego. */
export class AcmeClient {
  public constructor(
    private readonly directory: string,
    private readonly server: AcmeServer,
    private readonly host: string,
  ) {}

  /** Texts of chain and key. */
  public order(challenge: Challenge): Promise<{ readonly chain: string; readonly key: string }> {
    return this.run(["run"], challenge);
  }

  /** However young the certificate is. */
  public renew(challenge: Challenge): Promise<{ readonly chain: string; readonly key: string }> {
    return this.run(["renew", "--days", "10000", "--no-random-sleep"], challenge);
  }

  private async run(command: string[], challenge: Challenge) {
    const all = ["--server", this.server.url, "--accept-tos", "--email", "test@example.org", "--domains", this.host];
    const http =
      "port" in challenge ? ["--http.port", `127.0.0.1:${challenge.port}`] : ["--http.webroot", challenge.webroot];
    await execa("lego", [...all, "--path", this.directory, "--http", ...http, ...command], {
      env: { LEGO_CA_CERTIFICATES: this.server.ca },
      all: true,
    });
    const file = (extension: string) =>
      fs.readFileSync(path.join(this.directory, "certificates", `${this.host}.${extension}`), "utf8");
    return { chain: file("crt"), key: file("key") };
  }
}
