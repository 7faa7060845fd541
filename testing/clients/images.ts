import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { tarEnd, tarHeader, tarPadding } from "./tar";

export const MiB = 1024 * 1024;

export interface Blob {
  readonly digest: string;
  readonly size: number;
}

export interface ImageOptions {
  /** Sizes in bytes, one for each layer. */
  readonly layers: number[];
  /** Same seed and sizes, same image. @default - the directory's name */
  readonly seed?: string;
}

/**
 * An image without a base, as an OCI layout that crane and skopeo can push. Layers are uncompressed tars of one file
 * of random bytes: nothing on the way can make them smaller, and no time goes into gzip.
 */
export class TestImage {
  public static async create(directory: string, options: ImageOptions): Promise<TestImage> {
    const blobs = path.join(directory, "blobs", "sha256");
    fs.mkdirSync(blobs, { recursive: true });
    const layers: Blob[] = [];
    for (const [index, size] of options.layers.entries()) {
      layers.push(await writeLayer(blobs, size, `${options.seed ?? path.basename(directory)}/${index}`));
    }
    const config = writeJson(blobs, {
      architecture: process.arch === "arm64" ? "arm64" : "amd64",
      os: "linux",
      created: "2024-01-01T00:00:00Z",
      config: { Cmd: ["/none"] },
      rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
      history: layers.map(() => ({ created: "2024-01-01T00:00:00Z", created_by: "test" })),
    });
    const manifest = writeJson(blobs, {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
      layers: layers.map((layer) => ({ mediaType: "application/vnd.oci.image.layer.v1.tar", ...layer })),
    });
    fs.writeFileSync(path.join(directory, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
    fs.writeFileSync(
      path.join(directory, "index.json"),
      JSON.stringify({
        schemaVersion: 2,
        manifests: [
          {
            mediaType: "application/vnd.oci.image.manifest.v1+json",
            ...manifest,
            annotations: { "org.opencontainers.image.ref.name": "latest" },
          },
        ],
      }),
    );
    return new TestImage(directory, manifest, config, layers);
  }

  private constructor(
    /** The OCI layout: `crane push <directory> …`, `skopeo copy oci:<directory>:latest …`. */
    public readonly directory: string,
    public readonly manifest: Blob,
    /** Its digest is Docker's image id, and names the digest of every layer's content. */
    public readonly config: Blob,
    public readonly layers: Blob[],
  ) {}

  public get blobs(): Blob[] {
    return [this.manifest, this.config, ...this.layers];
  }

  public file(blob: Blob): string {
    return path.join(this.directory, "blobs", "sha256", hex(blob));
  }

  /** Gives the image to the engine under this name, as `docker load` does with a saved image. */
  public async load(name: string): Promise<void> {
    const load = execa("docker", ["load"], { stdin: "pipe", buffer: true });
    const archive = load.stdin;
    if (archive === null) {
      throw new Error("docker load was started without a standard input");
    }
    const write = async (chunk: Buffer) => {
      if (!archive.write(chunk)) {
        await new Promise<void>((resolve) => archive.once("drain", resolve));
      }
    };
    const manifest = Buffer.from(
      JSON.stringify([
        {
          Config: `${hex(this.config)}.json`,
          RepoTags: [name],
          Layers: this.layers.map((layer) => `${hex(layer)}.tar`),
        },
      ]),
    );
    await write(tarHeader("manifest.json", manifest.length));
    await write(Buffer.concat([manifest, tarPadding(manifest.length)]));
    const files: [Blob, string][] = [
      [this.config, `${hex(this.config)}.json`],
      ...this.layers.map((layer): [Blob, string] => [layer, `${hex(layer)}.tar`]),
    ];
    for (const [blob, entry] of files) {
      await write(tarHeader(entry, blob.size));
      for await (const chunk of fs.createReadStream(this.file(blob), { highWaterMark: MiB })) {
        await write(chunk as Buffer);
      }
      await write(tarPadding(blob.size));
    }
    archive.end(tarEnd());
    await load;
  }
}

/** Every file below a directory by the digest of its bytes: what was pulled, whatever the client calls its files. */
export async function digestsBelow(directory: string): Promise<Set<string>> {
  const digests = new Set<string>();
  for (const entry of fs.readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) {
      digests.add(await digestOf(path.join(entry.parentPath ?? entry.path, entry.name)));
    }
  }
  return digests;
}

/** The file of a blob, below a registry's data. */
export function blobFile(digest: string): string {
  const name = hex({ digest });
  return `/docker/registry/v2/blobs/sha256/${name.slice(0, 2)}/${name}/data`;
}

export async function digestOf(file: string): Promise<string> {
  const hash = crypto.createHash("sha256");
  for await (const chunk of fs.createReadStream(file, { highWaterMark: MiB })) {
    hash.update(chunk as Buffer);
  }
  return `sha256:${hash.digest("hex")}`;
}

/** `size` bytes that no compressor makes smaller, the same for the same seed; AES-CTR gives about a gigabyte a second. */
export function* randomBytes(seed: string, size: number): Generator<Buffer> {
  const key = crypto.createHash("sha256").update(seed).digest();
  const cipher = crypto.createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  const zeros = Buffer.alloc(4 * MiB);
  for (let left = size; left > 0; left -= zeros.length) {
    yield cipher.update(left < zeros.length ? zeros.subarray(0, left) : zeros);
  }
}

async function writeLayer(blobs: string, size: number, seed: string): Promise<Blob> {
  const partial = path.join(blobs, "partial");
  const file = await fs.promises.open(partial, "w");
  const hash = crypto.createHash("sha256");
  let written = 0;
  const write = async (chunk: Buffer) => {
    hash.update(chunk);
    written += chunk.length;
    await file.writeFile(chunk);
  };
  const name = `${crypto.createHash("sha256").update(seed).digest("hex").slice(0, 12)}.bin`;
  await write(tarHeader(name, size));
  for (const chunk of randomBytes(seed, size)) {
    await write(chunk);
  }
  await write(Buffer.concat([tarPadding(size), tarEnd()]));
  await file.close();
  const blob = { digest: `sha256:${hash.digest("hex")}`, size: written };
  fs.renameSync(partial, path.join(blobs, hex(blob)));
  return blob;
}

function writeJson(blobs: string, content: unknown): Blob {
  const bytes = Buffer.from(JSON.stringify(content));
  const blob = {
    digest: `sha256:${crypto.createHash("sha256").update(bytes).digest("hex")}`,
    size: bytes.length,
  };
  fs.writeFileSync(path.join(blobs, hex(blob)), bytes);
  return blob;
}

function hex({ digest }: Pick<Blob, "digest">): string {
  return digest.replace("sha256:", "");
}
