import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import execa from "execa";
import { eventually } from "../machine/eventually";
import { freePort } from "../machine/ports";

/** Keeps states of Terraform in memory by its HTTP protocol; a lock that is held is answered with who holds it. */
export class HttpStates {
  public static async start(): Promise<HttpStates> {
    const states = new HttpStates(await freePort());
    await new Promise<void>((resolve) => states.server.listen(states.port, "127.0.0.1", resolve));
    return states;
  }

  public readonly byPath = new Map<string, Buffer>();
  private readonly locks = new Map<string, Buffer>();
  private readonly server = http.createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const [status, body] = this.answer(
        incoming.method ?? "",
        incoming.url?.split("?")[0] ?? "",
        Buffer.concat(chunks),
      );
      answer.writeHead(status).end(body);
    });
  });

  private constructor(private readonly port: number) {}

  public address(name: string): string {
    return `http://127.0.0.1:${this.port}/${name}`;
  }

  public async stop(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(method: string, name: string, body: Buffer): [number, Buffer?] {
    const lock = this.locks.get(name);
    switch (method) {
      case "LOCK":
        this.locks.set(name, lock ?? body);
        return lock ? [423, lock] : [200];
      case "UNLOCK":
        this.locks.delete(name);
        return [200];
      case "POST":
        this.byPath.set(name, body);
        return [200];
      default:
        return this.byPath.has(name) ? [200, this.byPath.get(name)] : [404];
    }
  }
}

/** A program that serves until it is stopped, as a user who is not root where this is. */
class Server {
  private child?: ChildProcess;

  protected run(command: string, args: string[], options: { env?: NodeJS.ProcessEnv } = {}): void {
    this.child = spawn(command, args, { stdio: "ignore", env: { ...process.env, ...options.env } });
  }

  public async stop(): Promise<void> {
    const { child } = this;
    if (child !== undefined && child.exitCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGINT");
      await ended;
    }
  }
}

/** An S3 server on this machine; each folder below its data is a bucket. */
export class S3States extends Server {
  public static readonly BUCKET = "terraform-states";

  public static async start(directory: string): Promise<S3States> {
    const server = new S3States(directory, await freePort());
    fs.mkdirSync(path.join(directory, S3States.BUCKET), { recursive: true });
    const env = { ROOT_ACCESS_KEY: server.env.AWS_ACCESS_KEY_ID, ROOT_SECRET_KEY: server.env.AWS_SECRET_ACCESS_KEY };
    server.run("versitygw", ["--port", `127.0.0.1:${server.port}`, "posix", directory], { env });
    await eventually(async () => expect((await fetch(server.endpoint)).status).toBe(403), 20000);
    return server;
  }

  /** Where Terraform looks for its keys. */
  public readonly env = { AWS_ACCESS_KEY_ID: "terraform", AWS_SECRET_ACCESS_KEY: "of-this-test-alone" };

  private constructor(
    private readonly directory: string,
    private readonly port: number,
  ) {
    super();
  }

  public get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  public objects(): string[] {
    const bucket = path.join(this.directory, S3States.BUCKET);
    return fs.readdirSync(bucket, { recursive: true, encoding: "utf8" }).sort();
  }
}

/** A database of Debian's own PostgreSQL. */
export class PostgresStates extends Server {
  public static async start(directory: string): Promise<PostgresStates> {
    const server = new PostgresStates(await freePort());
    const [version] = fs.readdirSync("/usr/lib/postgresql").sort((a, b) => Number(b) - Number(a));
    const program = (name: string) => path.join("/usr/lib/postgresql", version, "bin", name);
    fs.mkdirSync(directory, { mode: 0o700 });
    const as = process.getuid?.() === 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
    if (as.length > 0) {
      await execa("chown", ["postgres:", directory]);
    }
    const [command, ...rest] = [...as, program("initdb"), "--auth=trust", "--username=terraform", directory];
    await execa(command, rest);
    const [serve, ...args] = [...as, program("postgres"), "-D", directory, "-h", "127.0.0.1"];
    server.run(serve, [...args, "-p", `${server.port}`, "-k", ""]);
    await eventually(() => server.query("select 1"), 20000);
    return server;
  }

  private constructor(private readonly port: number) {
    super();
  }

  public get connection(): string {
    return `postgres://terraform@127.0.0.1:${this.port}/postgres?sslmode=disable`;
  }

  public async query(sql: string): Promise<string> {
    return (await execa("psql", [this.connection, "--tuples-only", "--no-align", "--command", sql])).stdout;
  }
}
