import crypto from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../machine/eventually";
import { type AnyRequest, type Response, requestOfAny } from "./http";

const PIECE_BYTES = 256 * 1024;
const PIECES = 4;
const PATIENCE_MS = 20000;

/** Pushes one layer after the other, in pieces, and goes on with one that was cut where the registry says that it is. */
export class SteadyPusher {
  /** Layers that are there. */
  public finished = 0;
  /** Requests that were cut or refused on the way to that. */
  public cut = 0;
  /** Layers that never got there. */
  public readonly failures: string[] = [];

  private isStopped = false;
  private readonly done: Promise<void>;

  /** @param repository `https://host:port/v2/<name>` */
  public constructor(
    private readonly repository: string,
    private readonly options: AnyRequest,
  ) {
    this.done = this.run();
  }

  /** Ends when the last layer is there. */
  public async stop(): Promise<this> {
    this.isStopped = true;
    await this.done;
    return this;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      try {
        await this.push(crypto.randomBytes(PIECE_BYTES * PIECES));
        this.finished++;
      } catch (error) {
        this.failures.push((error as Error).message);
      }
    }
  }

  private async push(content: Buffer): Promise<void> {
    const begun = await this.patiently(() => this.send("POST", `${this.repository}/blobs/uploads/`, [202]));
    let location = String(begun.headers.location);
    let offset = 0;
    while (offset < content.length) {
      const body = content.subarray(offset, offset + PIECE_BYTES);
      const range = `${offset}-${offset + body.length - 1}`;
      try {
        const answer = await this.send("PATCH", location, [202], body, { "Content-Range": range });
        location = String(answer.headers.location);
        offset += body.length;
      } catch {
        this.cut++;
        const state = await this.patiently(() => this.send("GET", location, [204]));
        location = String(state.headers.location ?? location);
        const [, last] = /^0-(\d+)$/.exec(String(state.headers.range)) ?? [];
        // "0-0" is said of nothing, too.
        offset = last === undefined || last === "0" ? 0 : Number(last) + 1;
      }
      await sleep(50);
    }
    const digest = `sha256:${crypto.createHash("sha256").update(content).digest("hex")}`;
    await this.patiently(async () => {
      try {
        await this.send("PUT", `${location}${location.includes("?") ? "&" : "?"}digest=${digest}`, [201]);
      } catch (error) {
        // The answer alone may have been lost.
        await this.send("HEAD", `${this.repository}/blobs/${digest}`, [200]).catch(() => Promise.reject(error));
      }
    });
  }

  private patiently<T>(ask: () => Promise<T>): Promise<T> {
    const counted = async () => {
      try {
        return await ask();
      } catch (error) {
        this.cut++;
        throw error;
      }
    };
    return eventually(counted, PATIENCE_MS, 200);
  }

  private async send(
    method: string,
    url: string,
    expected: number[],
    body?: Buffer,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const all = {
      "Content-Length": body?.length ?? 0,
      ...(body ? { "Content-Type": "application/octet-stream" } : {}),
      ...this.options.headers,
      ...headers,
    };
    const answer = await requestOfAny(url, { ...this.options, method, body, headers: all });
    if (!expected.includes(answer.status)) {
      throw new Error(`${method} ${url} answered with ${answer.status}: ${answer.text}`);
    }
    return answer;
  }
}
