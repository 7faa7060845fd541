import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { images } from "../../environments/images";
import { eventually } from "../machine/eventually";
import type { Wire } from "../machine/wire";

/** A real S3 server in a container on a network of its own; its bucket is a folder. */
export class S3 {
  public readonly bucket = "images";
  public readonly accessKey = "registry";
  /** With everything in it that YAML, HCL and shells are fond of. */
  public readonly secretKey = ["se\"cr\\et: # 'x' $", "{y} %{z}"].join("");

  public constructor(
    /** Of the container and the network. */
    public readonly name: string,
    private readonly directory: string,
    private readonly region = "us-east-1",
  ) {}

  public get endpoint(): string {
    return `http://${this.name}:7070`;
  }

  public async start(): Promise<void> {
    // A static program, which runs in any image; see bootstrap/test-clients.ts.
    const { stdout: program } = await execa("which", ["versitygw"]);
    const data = path.join(this.directory, "s3-data");
    fs.mkdirSync(path.join(data, this.bucket), { recursive: true });
    await execa("docker", ["network", "create", this.name]);
    const mounts = ["--volume", `${program}:/versitygw:ro`, "--volume", `${data}:/data`];
    const keys = ["--env", `ROOT_ACCESS_KEY=${this.accessKey}`, "--env", `ROOT_SECRET_KEY=${this.secretKey}`];
    const run = ["run", "--detach", "--name", this.name, "--network", this.name, ...mounts, ...keys];
    const serve = ["/versitygw", "--port", ":7070", "--region", this.region, "posix", "/data"];
    await execa("docker", [...run, images.redis.reference, ...serve]);
  }
}

/** The same server as a process on the wire between machines. */
export class S3OfMachines {
  public static async start(directory: string, wire: Wire): Promise<S3OfMachines> {
    const s3 = new S3OfMachines(path.join(directory, "s3-data"), `${wire.address(1)}:7070`);
    fs.mkdirSync(path.join(s3.data, s3.bucket), { recursive: true });
    const [program, ...args] = [...wire.inside, "versitygw", "--port", s3.hostPort, "posix", s3.data];
    const env = { ...process.env, ROOT_ACCESS_KEY: s3.accessKey, ROOT_SECRET_KEY: s3.secretKey };
    // `nsenter` becomes the server.
    const child = spawn(program, args, { detached: true, stdio: "ignore", env });
    child.unref();
    s3.pid = child.pid ?? 0;
    await eventually(() => fetch(s3.endpoint), 20000);
    return s3;
  }

  public readonly bucket = "images";
  public readonly accessKey = "registry";
  public readonly secretKey = "of-two-machines";
  public pid = 0;

  private constructor(
    /** Each folder in it is a bucket. */
    public readonly data: string,
    private readonly hostPort: string,
  ) {}

  public get endpoint(): string {
    return `http://${this.hostPort}`;
  }
}
