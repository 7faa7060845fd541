import crypto from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import execa from "execa";
import { request } from "./http";
import { MiB, randomBytes } from "./images";

export interface Transfer {
  /** Base of the registry's repository, `https://host:port/v2/<name>`. */
  readonly repository: string;
  readonly size: number;
  /** PEM, and the file that holds it. @default - plain HTTP */
  readonly ca?: string;
  readonly caFile?: string;
  /** How long a push names its digest again while no registry is there to hear it. @default 0 */
  readonly patienceMs?: number;
}

/** What each curl is given: where the registry is, and whom to trust. */
function curlOptions({ repository, caFile }: Transfer): string[] {
  const { host } = new URL(repository);
  return [
    ...["--silent", "--show-error", "--fail", "--resolve", `${host}:127.0.0.1`],
    ...(caFile ? ["--cacert", caFile] : []),
  ];
}

/** What curl pushes or pulls slowly, and never to the end before it is told to: faults find it in full flight. */
abstract class SlowTransfer {
  public isDone = false;
  public moved = 0;
  private hurry: () => void = () => {};
  private readonly hurried = new Promise<void>((resolve) => {
    this.hurry = resolve;
  });
  private isHurried = false;

  protected constructor(protected readonly size: number) {}

  /** From here on it waits to be told to finish. */
  public get isHalfway(): boolean {
    return this.moved >= this.size / 2;
  }

  /** Full speed from now on. */
  public finish(): void {
    this.isHurried = true;
    this.hurry();
  }

  /** To be awaited for each piece that was moved. */
  protected async pace(bytes: number, bytesPerSecond: number): Promise<void> {
    this.moved += bytes;
    if (!this.isHurried) {
      await Promise.race([this.hurried, ...(this.isHalfway ? [] : [sleep((bytes / bytesPerSecond) * 1000)])]);
    }
  }
}

/** A layer pushed as docker does it: POST, one PATCH of unknown length, PUT with the digest. */
export class SlowPush extends SlowTransfer {
  /** Digest of what the registry has taken. */
  public readonly result: Promise<string>;

  public constructor(transfer: Transfer, seed: string) {
    super(transfer.size);
    this.result = this.run(transfer, seed).finally(() => {
      this.isDone = true;
    });
  }

  private async run(transfer: Transfer, seed: string): Promise<string> {
    const { repository, size, ca, patienceMs = 0 } = transfer;
    const hash = crypto.createHash("sha256");
    const begun = await request(`${repository}/blobs/uploads/`, { method: "POST", ca, address: "127.0.0.1" });
    const curl = execa("curl", [
      ...curlOptions(transfer),
      ...["--request", "PATCH", "--header", "Content-Type: application/octet-stream", "--upload-file", "-"],
      ...["--output", "/dev/null", "--write-out", "%header{location}", begun.headers.location ?? ""],
    ]);
    const { stdin } = curl;
    // Each write says the same, and the end does.
    stdin?.on("error", () => {});
    curl.catch(() => {});
    for (const chunk of randomBytes(seed, size)) {
      hash.update(chunk);
      await new Promise<void>((resolve, reject) => stdin?.write(chunk, (error) => (error ? reject(error) : resolve())));
      await this.pace(chunk.length, 25 * MiB);
    }
    stdin?.end();
    const { stdout: location } = await curl;
    const digest = `sha256:${hash.digest("hex")}`;
    const separator = location.includes("?") ? "&" : "?";
    const put = { method: "PUT", ca, address: "127.0.0.1", headers: { "Content-Length": 0 } };
    const end = Date.now() + patienceMs;
    for (;;) {
      const { status, text } = await request(`${location}${separator}digest=${digest}`, put);
      if (status === 201) {
        return digest;
      }
      if (status !== 502 || Date.now() > end) {
        throw new Error(`the push ended with ${status}: ${text}`);
      }
      await sleep(200);
    }
  }
}

export class SlowPull extends SlowTransfer {
  /** Digest of what came. */
  public readonly result: Promise<string>;

  public constructor(transfer: Transfer, digest: string) {
    super(transfer.size);
    this.result = this.run(transfer, digest).finally(() => {
      this.isDone = true;
    });
  }

  private async run(transfer: Transfer, digest: string): Promise<string> {
    const hash = crypto.createHash("sha256");
    const url = `${transfer.repository}/blobs/${digest}`;
    const curl = execa("curl", [...curlOptions(transfer), url], { buffer: false });
    for await (const chunk of curl.stdout ?? []) {
      hash.update(chunk as Buffer);
      await this.pace((chunk as Buffer).length, 4 * MiB);
    }
    await curl;
    return `sha256:${hash.digest("hex")}`;
  }
}
