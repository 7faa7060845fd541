import crypto from "node:crypto";
import { type Request, type Response, request } from "./http";

export const MEDIA = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
};

export const ANY = { Accept: `${MEDIA.manifest}, ${MEDIA.index}` };

export const sha256 = (content: Buffer | string): string =>
  `sha256:${crypto.createHash("sha256").update(content).digest("hex")}`;

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** A push that did not end well, and what the registry said. */
export class RefusedPush extends Error {}

/** Pushes like docker: asks for each blob first, mounts what another repository has, and uploads the rest. */
export class Pusher {
  /**
   * @param url `http://host:port/v2`
   * @param always what each request has: a login, whom to trust, whom to ask
   */
  constructor(
    private readonly url: string,
    private readonly always: Request = {},
  ) {}

  /** An image of these layers; returns the digest of its manifest. */
  public async image(
    repository: string,
    reference: string | undefined,
    layers: Buffer[],
    more: Image = {},
  ): Promise<string> {
    const config = Buffer.from(JSON.stringify({ word: more.word ?? "" }));
    for (const blob of [...layers, config]) {
      await this.blob(repository, blob, more.mountFrom);
    }
    return this.manifest(repository, reference, MEDIA.manifest, {
      schemaVersion: 2,
      mediaType: MEDIA.manifest,
      config: descriptor(MEDIA.config, config),
      layers: layers.map((layer) => descriptor(MEDIA.layer, layer)),
      ...(more.subject ? { subject: { mediaType: MEDIA.manifest, digest: more.subject, size: 1 } } : {}),
    });
  }

  /** An index of manifests that the repository has. */
  public index(repository: string, tag: string, children: string[]): Promise<string> {
    return this.manifest(repository, tag, MEDIA.index, {
      schemaVersion: 2,
      mediaType: MEDIA.index,
      manifests: children.map((digest) => ({ mediaType: MEDIA.manifest, digest, size: 1 })),
    });
  }

  public async delete(repository: string, reference: string): Promise<boolean> {
    const { status } = await this.ask(`${this.url}/${repository}/manifests/${reference}`, { method: "DELETE" });
    return status === 202;
  }

  /** What is wrong with an image as somebody pulls it; nothing where all of it is there, byte for byte. */
  public async faults(repository: string, reference: string, digest: string): Promise<string[]> {
    const where = `${repository}:${reference}`;
    const { came, body } = await this.pull(`${repository}/manifests/${reference}`);
    if (came !== digest) {
      return [`${where}: instead of ${digest} ${came}`];
    }
    const manifest = JSON.parse(body.toString());
    const found: string[] = [];
    for (const child of manifest.manifests ?? []) {
      found.push(...(await this.faults(repository, child.digest, child.digest)));
    }
    for (const blob of [manifest.config, ...(manifest.layers ?? [])].filter(Boolean) as Descriptor[]) {
      const { came } = await this.pull(`${repository}/blobs/${blob.digest}`);
      if (came !== blob.digest) {
        found.push(`${where}: instead of blob ${blob.digest} ${came}`);
      }
    }
    return found;
  }

  /** What came and its digest, or what went wrong: a registry may promise what it no longer has, and break off. */
  private async pull(path: string): Promise<{ came: string; body: Buffer }> {
    try {
      const { status, body } = await this.ask(`${this.url}/${path}`, { headers: ANY });
      return { came: status === 200 ? sha256(body) : `status ${status}`, body };
    } catch (error) {
      return { came: (error as Error).message, body: Buffer.alloc(0) };
    }
  }

  private async blob(repository: string, content: Buffer, mountFrom?: string): Promise<void> {
    const digest = sha256(content);
    const head = await this.ask(`${this.url}/${repository}/blobs/${digest}`, { method: "HEAD" });
    if (head.status === 200) {
      return;
    }
    const mount = mountFrom ? `?mount=${digest}&from=${mountFrom}` : "";
    const begun = await this.write("POST", `${this.url}/${repository}/blobs/uploads/${mount}`, [201, 202]);
    if (begun.status === 201) {
      return;
    }
    const location = begun.headers.location ?? "";
    await this.write("PUT", `${location}${location.includes("?") ? "&" : "?"}digest=${digest}`, [201], content);
  }

  private async manifest(
    repository: string,
    reference: string | undefined,
    type: string,
    manifest: object,
  ): Promise<string> {
    const body = Buffer.from(JSON.stringify(manifest));
    const where = `${this.url}/${repository}/manifests/${reference ?? sha256(body)}`;
    await this.write("PUT", where, [201], body, type);
    return sha256(body);
  }

  private async write(
    method: string,
    url: string,
    expected: number[],
    body?: Buffer,
    type?: string,
  ): Promise<Response> {
    const headers = { "Content-Length": body?.length ?? 0, ...(type ? { "Content-Type": type } : {}) };
    // Longer than a proxy holds a request.
    const answer = await this.ask(url, { method, headers, body, timeoutMs: 120_000 }).catch((error) => {
      throw new RefusedPush(`${method} ${url}: ${error.message}`);
    });
    if (!expected.includes(answer.status)) {
      throw new RefusedPush(`${method} ${url} answered with ${answer.status}: ${answer.text}`);
    }
    return answer;
  }

  private ask(url: string, options: Request = {}): Promise<Response> {
    return request(url, { ...this.always, ...options, headers: { ...this.always.headers, ...options.headers } });
  }
}

/** What an image may have beside its layers. */
interface Image {
  /** Makes its configuration another one. */
  readonly word?: string;
  readonly subject?: string;
  /** A repository that may have its blobs. */
  readonly mountFrom?: string;
}

function descriptor(mediaType: string, content: Buffer): Descriptor {
  return { mediaType, digest: sha256(content), size: content.length };
}
