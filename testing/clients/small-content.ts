import crypto from "node:crypto";
import { type Request, request } from "./http";

/** Where content is pushed to that costs next to nothing: `https://host:port/v2/<name>`, and who asks. */
export interface Repository {
  readonly url: string;
  readonly options?: Request;
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** Pushes as many different manifests, which share one empty configuration; returns their paths below the repository. */
export async function pushManifests(repository: Repository, count: number, word: string): Promise<string[]> {
  const config = await pushBlob(repository, Buffer.from("{}"));
  const paths: string[] = [];
  await atOnce(4, count, async (i) => {
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: config, size: 2 },
      layers: [],
      annotations: { word, number: String(i) },
    });
    const path = `/manifests/${digestOfText(manifest)}`;
    await expectStatus(repository, 201, path, {
      method: "PUT",
      headers: { "Content-Type": MANIFEST },
      body: manifest,
    });
    paths.push(path);
  });
  return paths;
}

/** Pushes as many different small blobs; returns their paths below the repository. */
export async function pushBlobs(repository: Repository, count: number, word: string): Promise<string[]> {
  const paths: string[] = [];
  await atOnce(4, count, async (i) => {
    paths.push(`/blobs/${await pushBlob(repository, Buffer.from(`${word} ${i}`))}`);
  });
  return paths;
}

/** Deletes each of these; returns how often each status other than 202 was the answer. */
export async function deleteAll(
  { url, options }: Repository,
  paths: string[],
  clients: number,
): Promise<Record<number, number>> {
  const failures: Record<number, number> = {};
  await atOnce(clients, paths.length, async (i) => {
    const { status } = await request(`${url}${paths[i]}`, { ...options, method: "DELETE" });
    if (status !== 202) {
      failures[status] = (failures[status] ?? 0) + 1;
    }
  });
  return failures;
}

async function pushBlob(repository: Repository, content: Buffer): Promise<string> {
  const digest = digestOfText(content);
  const begun = await expectStatus(repository, 202, "/blobs/uploads/", { method: "POST" });
  const location = begun.headers.location ?? "";
  const { status } = await request(`${location}${location.includes("?") ? "&" : "?"}digest=${digest}`, {
    ...repository.options,
    method: "PUT",
    headers: { ...repository.options?.headers, "Content-Length": content.length },
    body: content,
  });
  if (status !== 201) {
    throw new Error(`the push of ${digest} ended with ${status}`);
  }
  return digest;
}

async function expectStatus({ url, options }: Repository, expected: number, path: string, more: Request) {
  const response = await request(`${url}${path}`, {
    ...options,
    ...more,
    headers: { ...options?.headers, ...more.headers },
  });
  if (response.status !== expected) {
    throw new Error(`${more.method} ${path} ended with ${response.status}: ${response.text}`);
  }
  return response;
}

/** Does a numbered task as often, by so many at a time. */
async function atOnce(workers: number, count: number, task: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) {
      await task(next++);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
}

function digestOfText(content: string | Buffer): string {
  return `sha256:${crypto.createHash("sha256").update(content).digest("hex")}`;
}
