import crypto from "node:crypto";
import type { Response } from "../clients/http";
import type { Asking } from "../clients/small-images";

const MiB = 1024 * 1024;

/** A layer that no other is like. */
export function layer(mebibytes: number): Buffer {
  return crypto.randomBytes(mebibytes * MiB);
}

export function digestOf(content: Buffer): string {
  return `sha256:${crypto.createHash("sha256").update(content).digest("hex")}`;
}

/** What the registry said at last of a blob that was pushed, in pieces as docker does it or by one request. */
export async function pushBlob(
  asking: Asking,
  repository: string,
  content: Buffer,
  inPieces: boolean,
): Promise<Response> {
  const begun = await asking.ask(`/v2/${repository}/blobs/uploads/`, { method: "POST" });
  if (begun.status !== 202) {
    return begun;
  }
  const headers = { "Content-Type": "application/octet-stream" };
  let location = locationOf(begun);
  if (inPieces) {
    const chunked = { ...headers, "Transfer-Encoding": "chunked" };
    location = locationOf(await asking.ask(location, { method: "PATCH", headers: chunked, body: content }));
  }
  const body = inPieces ? "" : content;
  return asking.ask(`${location}&digest=${digestOf(content)}`, { method: "PUT", headers, body });
}

function locationOf({ headers }: Response): string {
  return String(headers.location).replace(/^https?:\/\/[^/]+/, "");
}

/** What came of clients that push until they are refused. */
export interface QuotaRace {
  /** Digests of what was taken, and the repository of each. */
  readonly taken: { readonly repository: string; readonly digest: string }[];
  readonly refusals: Response[];
}

/** Layers of one client. */
const MOST = 20;

/** Clients at a time, each with a repository of its own; one after the other sends its layers in pieces. */
export async function raceForQuota(asking: Asking, repositories: string[], mebibytes: number): Promise<QuotaRace> {
  const taken: { repository: string; digest: string }[] = [];
  const refusals = await Promise.all(
    repositories.map(async (repository, i) => {
      for (let pushed = 0; pushed < MOST; pushed++) {
        const content = layer(mebibytes);
        const answer = await pushBlob(asking, repository, content, i % 2 === 0);
        if (answer.status !== 201) {
          return answer;
        }
        taken.push({ repository, digest: digestOf(content) });
      }
      throw new Error(`${MOST} layers were taken`);
    }),
  );
  return { taken, refusals };
}
