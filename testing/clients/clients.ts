import fs from "node:fs";
import path from "node:path";
import execa from "execa";

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** A client's run that failed says what the client printed: it is what a person would see. */
async function run(command: string, args: string[], options: execa.Options = {}): Promise<string> {
  const { exitCode, all } = await execa(command, args, { ...options, all: true, reject: false });
  if (exitCode !== 0) {
    throw new Error(`${command} ${args[0]} ended with ${exitCode}:\n${all}`);
  }
  return all ?? "";
}

/** The docker command line with logins of its own. Pushes and pulls are done by the engine. */
export class DockerClient {
  private readonly env: Record<string, string>;

  public constructor(directory: string) {
    const config = path.join(directory, "docker");
    fs.mkdirSync(config, { recursive: true, mode: 0o700 });
    this.env = { DOCKER_CONFIG: config };
  }

  public login(host: string, { user, password }: Login): Promise<string> {
    return this.run(["login", "--username", user, "--password-stdin", host], password);
  }

  public logout(host: string): Promise<string> {
    return this.run(["logout", host]);
  }

  public tag(image: string, name: string): Promise<string> {
    return this.run(["tag", image, name]);
  }

  public push(name: string): Promise<string> {
    return this.run(["push", name]);
  }

  public pull(name: string): Promise<string> {
    return this.run(["pull", name]);
  }

  /** Digest of the image's configuration, which names the digest of every layer's content. */
  public async imageId(name: string): Promise<string> {
    return (await this.run(["image", "inspect", "--format", "{{.Id}}", name])).trim();
  }

  /** Removes the names and, with the last one, the layers: the next pull has to fetch them. */
  public async remove(...names: string[]): Promise<void> {
    await this.run(["image", "rm", "--force", ...names]);
  }

  public run(args: string[], input?: string): Promise<string> {
    return run("docker", args, { env: this.env, input });
  }
}

/** go-containerregistry's client. It talks HTTP to 127.0.0.1 and localhost, and TLS to all others. */
export class Crane {
  private readonly env: Record<string, string>;

  /**
   * `ca`: file of a certificate authority that is trusted instead of the machine's own.
   * `inside`: command that runs crane in another network namespace.
   */
  public constructor(
    directory: string,
    private readonly options: { readonly ca?: string; readonly inside?: () => string[] } = {},
  ) {
    const config = path.join(directory, "crane");
    fs.mkdirSync(config, { recursive: true, mode: 0o700 });
    this.env = { DOCKER_CONFIG: config, ...(options.ca ? { SSL_CERT_FILE: options.ca, SSL_CERT_DIR: config } : {}) };
  }

  public login(host: string, { user, password }: Login): Promise<string> {
    return this.run(["auth", "login", host, "--username", user, "--password-stdin"], password);
  }

  /** Pushes an OCI layout. */
  public push(layout: string, name: string): Promise<string> {
    return this.run(["push", layout, name]);
  }

  /** Pulls into a new OCI layout, byte for byte. */
  public pull(name: string, layout: string): Promise<string> {
    return this.run(["pull", "--format=oci", name, layout]);
  }

  public run(args: string[], input?: string): Promise<string> {
    const [command, ...rest] = [...(this.options.inside?.() ?? []), "crane", ...args];
    return run(command, rest, { env: this.env, input });
  }
}

/** skopeo, told to keep what it copies as it is (it would gzip plain layers otherwise). */
export class Skopeo {
  private readonly authFile: string;
  private readonly trust: (side: "src" | "dest") => string[];

  /** `certificates`: a folder with `ca.crt`, as in `certs.d/<host>`; plain HTTP without it. */
  public constructor(directory: string, options: { readonly certificates?: string } = {}) {
    const config = path.join(directory, "skopeo");
    fs.mkdirSync(config, { recursive: true, mode: 0o700 });
    this.authFile = path.join(config, "auth.json");
    this.trust = (side) =>
      options.certificates ? [`--${side}-cert-dir=${options.certificates}`] : [`--${side}-tls-verify=false`];
  }

  public login(host: string, { user, password }: Login): Promise<string> {
    const trust = this.trust("src")[0].replace("--src-", "--");
    return this.run(
      ["login", `--authfile=${this.authFile}`, trust, "--username", user, "--password-stdin", host],
      password,
    );
  }

  /** Pushes an OCI layout. */
  public push(layout: string, name: string): Promise<string> {
    return this.copy(this.trust("dest"), `oci:${layout}:latest`, `docker://${name}`);
  }

  /** Pulls into a new folder of plain files, byte for byte. */
  public pull(name: string, directory: string): Promise<string> {
    return this.copy(this.trust("src"), `docker://${name}`, `dir:${directory}`);
  }

  public run(args: string[], input?: string): Promise<string> {
    return run("skopeo", args, { input });
  }

  private copy(trust: string[], from: string, to: string): Promise<string> {
    const policy = "--insecure-policy";
    return this.run([policy, "copy", "--preserve-digests", `--authfile=${this.authFile}`, ...trust, from, to]);
  }
}

/** regclient's client. */
export class Regctl {
  private readonly env: Record<string, string>;

  /** `ca`: file of a certificate authority that is trusted for `host`. */
  public constructor(
    directory: string,
    private readonly host: string,
    private readonly ca: string,
  ) {
    const config = path.join(directory, "regctl");
    fs.mkdirSync(config, { recursive: true, mode: 0o700 });
    this.env = { REGCTL_CONFIG: path.join(config, "config.json"), DOCKER_CONFIG: config };
  }

  public async login({ user, password }: Login): Promise<string> {
    await this.trust();
    return this.run(["registry", "login", this.host, "--user", user, "--pass-stdin"], password);
  }

  public trust(): Promise<string> {
    return this.run(["registry", "set", this.host, "--cacert", fs.readFileSync(this.ca, "utf8")]);
  }

  /** Pushes an OCI layout with the tag `latest`. */
  public push(layout: string, name: string): Promise<string> {
    return this.run(["image", "copy", `ocidir://${layout}:latest`, name]);
  }

  public run(args: string[], input?: string): Promise<string> {
    return run("regctl", args, { env: this.env, input });
  }
}

/** The client for artifacts of any kind. It talks HTTP to localhost, and TLS to 127.0.0.1. */
export class Oras {
  private readonly env: Record<string, string>;

  /** `ca`: file of a certificate authority that is trusted. */
  public constructor(
    private readonly directory: string,
    private readonly ca: string,
  ) {
    const config = path.join(directory, "oras");
    fs.mkdirSync(config, { recursive: true, mode: 0o700 });
    this.env = { DOCKER_CONFIG: config };
  }

  public login(host: string, { user, password }: Login): Promise<string> {
    return this.run("login", ["--username", user, "--password-stdin", host], password);
  }

  /** Pushes a file of its folder. */
  public push(file: string, name: string): Promise<string> {
    return this.run("push", [name, file]);
  }

  public run(command: string, args: string[], input?: string): Promise<string> {
    const all = [...command.split(" "), "--ca-file", this.ca, ...args];
    return run("oras", all, { env: this.env, input, cwd: this.directory });
  }
}
