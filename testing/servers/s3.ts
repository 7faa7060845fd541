import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { images } from "../../environments/images";

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
    const serve = ["/versitygw", "--port", ":7070", "posix", "/data"];
    await execa("docker", [...run, images.redis.reference, ...serve]);
  }
}
