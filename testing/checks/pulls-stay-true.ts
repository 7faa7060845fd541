import crypto from "node:crypto";
import http from "node:http";
import { request } from "../clients/http";
import { pushBlobs } from "../clients/small-content";
import { wrk } from "../clients/wrk";

const TYPE = "application/vnd.oci.image.manifest.v1+json";
const GONE = "404";
const NOBODY_HAS = `sha256:${"0".repeat(64)}`;

export interface Findings {
  /** Answers that nobody should have got. */
  readonly wrong: string[];
  /** Answers that were checked. */
  readonly checked: number;
  /** How often a second a digest was asked for, before it was deleted and after. */
  readonly rates: { readonly before: number; readonly after: number }[];
}

/** What an address may answer now: one thing, or two while a change is under way. */
class Truth {
  private readonly history: string[][] = [[GONE]];

  public get now(): number {
    return this.history.length - 1;
  }

  /** Everything that was true at some time since then. */
  public since(moment: number): string[] {
    return this.history.slice(moment).flat();
  }

  /** Both are true until the change has been acknowledged. */
  public async change(next: string, make: () => Promise<void>): Promise<void> {
    const [before] = this.history[this.now].slice(-1);
    this.history.push([before, next]);
    await make();
    this.history.push([next]);
  }
}

/**
 * Pushes, overwrites and deletes again and again, while readers compare each answer with what was acknowledged when they
 * asked. Each deleted digest is asked for as often as one machine can, until it is deleted and from then on.
 */
export async function pullsStayTrue(repository: string, rounds: number): Promise<Findings> {
  const [tag, digest, blob] = [new Truth(), new Truth(), new Truth()];
  const wrong: string[] = [];
  const rates: { before: number; after: number }[] = [];
  const addresses = { digest: NOBODY_HAS, blob: `/blobs/${NOBODY_HAS}` };
  let checked = 0;
  let isOver = false;
  const agent = new http.Agent({ keepAlive: true });

  const read = async (truth: Truth, address: () => string) => {
    while (!isOver) {
      const [asked, since] = [address(), truth.now];
      const answer = await get(agent, `${repository}${asked}`);
      if (asked === address()) {
        checked++;
        if (!truth.since(since).includes(answer)) {
          wrong.push(`${asked}: ${answer}, but true was ${truth.since(since)}`);
        }
      }
    }
  };
  const readers = [
    read(tag, () => "/manifests/moving"),
    read(tag, () => "/manifests/moving"),
    read(digest, () => `/manifests/${addresses.digest}`),
    read(blob, () => addresses.blob),
  ];

  const [config] = await pushBlobs({ url: repository }, 1, "configuration");
  const put = async (text: string) => {
    const { status } = await request(`${repository}/manifests/moving`, {
      method: "PUT",
      headers: { "Content-Type": TYPE },
      body: text,
    });
    expectStatus(status, 201);
  };
  const remove = async (path: string) => {
    const { status } = await request(`${repository}${path}`, { method: "DELETE" });
    expectStatus(status, 202);
  };
  try {
    for (let round = 0; round < rounds; round++) {
      const [first, second] = [0, 1].map((i) => manifest(config.replace("/blobs/", ""), `${round}.${i}`));
      const path = `/manifests/${digestOf(second)}`;
      // Not compared until it is known: a reader that asks for another one now is let go.
      addresses.digest = digestOf(second);
      await tag.change(digestOf(first), () => put(first));
      await tag.change(digestOf(second), () => digest.change(digestOf(second), () => put(second)));
      const [newBlob] = await pushBlobs({ url: repository }, 1, `blob ${round}`);
      const content = digestOf(`blob ${round} 0`);
      addresses.blob = newBlob;
      await blob.change(content, async () => undefined);

      const load = { connections: 4, seconds: 1, headers: { Accept: TYPE } };
      const before = wrk(`${repository}${path}`, load);
      await new Promise((resolve) => setTimeout(resolve, 700));
      await Promise.all([
        tag.change(GONE, () => digest.change(GONE, () => remove(path))),
        blob.change(GONE, () => remove(newBlob)),
      ]);
      const after = await wrk(`${repository}${path}`, load);
      if (after.failures !== after.requests) {
        wrong.push(`${path} was deleted, and ${after.requests - after.failures} of ${after.requests} got it`);
      }
      rates.push({ before: (await before).requestsPerSecond, after: after.requestsPerSecond });
    }
  } finally {
    isOver = true;
    await Promise.all(readers);
    agent.destroy();
  }
  return { wrong, checked, rates };
}

function manifest(config: string, word: string): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: TYPE,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: config, size: 15 },
    layers: [],
    annotations: { word },
  });
}

/** The digest of what is there, or the status. */
function get(agent: http.Agent, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = http.get(url, { agent, headers: { Accept: TYPE } }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve(incoming.statusCode === 200 ? digestOf(Buffer.concat(chunks)) : String(incoming.statusCode)),
      );
    });
    outgoing.on("error", reject);
  });
}

function expectStatus(got: number, expected: number): void {
  if (got !== expected) {
    throw new Error(`${got} instead of ${expected}`);
  }
}

function digestOf(content: string | Buffer): string {
  return `sha256:${crypto.createHash("sha256").update(content).digest("hex")}`;
}
