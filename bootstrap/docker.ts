import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import execa from "execa";
import { attempt, type CommandOptions, type CommandResult, lastLines } from "./command";
import { ExpectedFailure } from "./failure";
import { project } from "./project";

/** How an environment names its engine; nothing at all means DOCKER_HOST, docker's context or this machine. */
export interface EngineAddress {
  readonly engine?: string;
  readonly engineCertPath?: string;
  readonly engineSshOptions?: readonly string[];
}

/** The docker command for the engine that Terraform will deploy on. */
export class Docker {
  /** As the environment writes it; not set where the machine decides. */
  public readonly engine?: string;

  private readonly flags: readonly string[];
  private readonly env: NodeJS.ProcessEnv;

  constructor(private readonly address: EngineAddress = {}) {
    const { engine } = address;
    this.engine = engine;
    this.flags = engine === undefined ? [] : ["--host", engine, ...this.tlsFlags()];
    this.env = engine === undefined ? {} : { ...this.shellWithoutEngine(), ...this.sshPath() };
  }

  /** What this shell says of another engine must not count where the environment names one; for Terraform too. */
  public shellWithoutEngine(): NodeJS.ProcessEnv {
    if (this.engine === undefined) {
      return {};
    }
    const others = { DOCKER_HOST: undefined, DOCKER_CONTEXT: undefined, DOCKER_TLS_VERIFY: undefined };
    return { ...others, DOCKER_CERT_PATH: this.certPath };
  }

  public attempt(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return attempt("docker", [...this.flags, ...args], { ...options, env: { ...this.env, ...options.env } });
  }

  public async run(args: readonly string[], options: CommandOptions = {}): Promise<string> {
    const { exitCode, stdout, output } = await this.attempt(args, options);
    if (exitCode !== 0) {
      const reason = exitCode === 127 ? "it is not installed" : lastLines(output);
      throw new ExpectedFailure(`${this.commandLine(args)} failed: ${reason}`);
    }
    return stdout;
  }

  /** Shows what it prints as it comes; returns its exit code. */
  public async show(args: readonly string[]): Promise<number> {
    const { exitCode } = await execa("docker", [...this.flags, ...args], {
      env: this.env,
      stdio: "inherit",
      reject: false,
    });
    return exitCode ?? 1;
  }

  /** What a person types for the same. */
  public commandLine(args: readonly string[]): string {
    return ["docker", ...this.flags, ...args].join(" ");
  }

  /** Sends an image of another engine to this one; no image registry is needed. */
  public async copyImage(reference: string, from: Docker): Promise<void> {
    const save = execa("docker", [...from.flags, "save", reference], { buffer: false, env: from.env });
    const load = execa("docker", [...this.flags, "load"], { input: save.stdout ?? undefined, env: this.env });
    try {
      await Promise.all([save, load]);
    } catch (error) {
      const reason = lastLines(String((error as execa.ExecaError).stderr ?? error), 1);
      throw new ExpectedFailure(`${this.commandLine(["load"])} did not take ${reference}: ${reason}`);
    }
  }

  /** Where the client's certificates lie, as an absolute path. */
  public get certPath(): string | undefined {
    const { engine, engineCertPath } = this.address;
    if (engineCertPath !== undefined) {
      return resolve(project, engineCertPath);
    }
    // As Terraform's provider does it: one for all TCP engines.
    return engine?.startsWith("tcp://") ? process.env.DOCKER_CERT_PATH || undefined : undefined;
  }

  private tlsFlags(): string[] {
    const folder = this.certPath;
    return folder === undefined
      ? []
      : [
          "--tlsverify",
          ...[`--tlscacert=${folder}/ca.pem`, `--tlscert=${folder}/cert.pem`, `--tlskey=${folder}/key.pem`],
        ];
  }

  /** The docker command has no option for ssh's options: a command of that name carries them. */
  private sshPath(): NodeJS.ProcessEnv {
    const options = this.address.engineSshOptions ?? [];
    if (options.length === 0) {
      return {};
    }
    const folder = mkdtempSync(join(tmpdir(), "ssh-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    const quoted = options.map((option) => `'${option.replaceAll("'", `'\\''`)}'`).join(" ");
    const script = `#!/bin/sh\nPATH=\${PATH#*:}\nexec ssh ${quoted} "$@"\n`;
    writeFileSync(join(folder, "ssh"), script, { mode: 0o700 });
    return { PATH: `${folder}:${process.env.PATH ?? ""}` };
  }
}
