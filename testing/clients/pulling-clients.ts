import crypto from "node:crypto";
import http from "node:http";

const ACCEPT = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
];

interface Descriptor {
  readonly digest: string;
}

/**
 * Clients that pull an image as docker does, whole: the API's root, HEAD of the tag, the manifest by its digest, the
 * configuration and the layers, each checked by its digest.
 */
export class PullingClients {
  public readonly failures: string[] = [];
  public pulls = 0;

  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
  private readonly start = Date.now();
  private readonly inFlight = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;

  /**
   * @param url `http://host:port`
   * @param perSecond pulls that begin in a second, whether or not those before have ended
   */
  public constructor(
    private readonly url: string,
    private readonly repository: string,
    perSecond: number,
  ) {
    let begun = 0;
    this.timer = setInterval(() => {
      const due = Math.floor(((Date.now() - this.start) / 1000) * perSecond);
      // A machine that is too slow for the rate gets no more than it can do.
      for (; begun < due && this.inFlight.size < 64; begun++) {
        const one = this.pull().finally(() => this.inFlight.delete(one));
        this.inFlight.add(one);
      }
      begun = due;
    }, 10);
  }

  /** Pulls a second until now. */
  public get rate(): number {
    return this.pulls / ((Date.now() - this.start) / 1000);
  }

  /** Ends when the last pull has ended. */
  public async stop(): Promise<this> {
    clearInterval(this.timer);
    await Promise.all(this.inFlight);
    this.agent.destroy();
    return this;
  }

  private async pull(): Promise<void> {
    try {
      await this.get("GET", "/v2/");
      const { headers } = await this.get("HEAD", `/v2/${this.repository}/manifests/1`);
      const digest = String(headers["docker-content-digest"]);
      const { body } = await this.get("GET", `/v2/${this.repository}/manifests/${digest}`, digest);
      const { config, layers }: { config: Descriptor; layers: Descriptor[] } = JSON.parse(body.toString());
      for (const blob of [config, ...layers]) {
        await this.get("GET", `/v2/${this.repository}/blobs/${blob.digest}`, blob.digest);
      }
      this.pulls++;
    } catch (error) {
      this.failures.push(`after ${Date.now() - this.start} ms: ${(error as Error).message}`);
    }
  }

  private get(method: string, path: string, digest?: string) {
    return new Promise<{ headers: http.IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
      const outgoing = http.request(`${this.url}${path}`, { method, agent: this.agent, headers: { Accept: ACCEPT } });
      outgoing.on("error", reject);
      outgoing.on("response", (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const body = Buffer.concat(chunks);
          const got = `sha256:${crypto.createHash("sha256").update(body).digest("hex")}`;
          if (incoming.statusCode !== 200 || (digest !== undefined && got !== digest)) {
            reject(new Error(`${method} ${path}: ${incoming.statusCode}, ${body.length} bytes`));
          } else {
            resolve({ headers: incoming.headers, body });
          }
        });
      });
      outgoing.end();
    });
  }
}
