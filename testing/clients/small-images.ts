import crypto from "node:crypto";
import type { Request, Response } from "./http";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";

/** Whoever sends the requests, as one of its users. */
export interface Asking {
  ask(path: string, options?: Request & { readonly as?: string }): Promise<Response>;
}

/** Images of one repository that cost next to nothing: manifests, all with the same empty configuration. */
export class SmallImages {
  public static async in(registry: Asking, repository: string, as = "ci"): Promise<SmallImages> {
    const content = "{}";
    const digest = digestOf(content);
    const headers = { "Content-Type": "application/octet-stream" };
    const { status, text, ...begun } = await registry.ask(`/v2/${repository}/blobs/uploads/`, { method: "POST", as });
    const location = String(begun.headers.location).replace(/^https?:\/\/[^/]+/, "");
    const ended = await registry.ask(`${location}&digest=${digest}`, { method: "PUT", headers, body: content, as });
    if (ended.status !== 201) {
      throw new Error(`the configuration could not be pushed: ${status} ${text}, ${ended.status} ${ended.text}`);
    }
    return new SmallImages(registry, repository, digest);
  }

  private constructor(
    private readonly registry: Asking,
    public readonly repository: string,
    /** Digest of the configuration. */
    public readonly config: string,
  ) {}

  /** Another word, another manifest. */
  public manifest(word: string): string {
    return JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: this.config, size: 2 },
      layers: [],
      annotations: { word },
    });
  }

  public index(children: string[]): string {
    const manifests = children.map((child) => ({ mediaType: MANIFEST, digest: digestOf(child), size: child.length }));
    return JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests });
  }

  public digest(manifest: string): string {
    return digestOf(manifest);
  }

  public push(reference: string, manifest: string, as?: string): Promise<Response> {
    return this.put(this.path(reference), manifest, as);
  }

  public put(path: string, manifest: string, as?: string): Promise<Response> {
    const headers = { "Content-Type": JSON.parse(manifest).mediaType };
    return this.registry.ask(path, { method: "PUT", headers, body: manifest, as });
  }

  public get(reference: string, as?: string): Promise<Response> {
    return this.registry.ask(this.path(reference), { headers: { Accept: `${MANIFEST}, ${INDEX}` }, as });
  }

  public path(reference: string): string {
    return `/v2/${this.repository}/manifests/${reference}`;
  }
}

function digestOf(content: string): string {
  return `sha256:${crypto.createHash("sha256").update(content).digest("hex")}`;
}
