import crypto from "node:crypto";
import { type Request, request } from "./http";

const OCI = "application/vnd.oci.image";
const CONFIG = `${OCI}.config.v1+json`;
const LAYER = `${OCI}.layer.v1.tar+gzip`;

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly [more: string]: unknown;
}

/** A descriptor with what its manifest names. */
export interface PushedImage extends Descriptor {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** Pushes what a registry of people holds, in small: where `url` is the registry's address and `options` who asks. */
export class Showcase {
  public constructor(
    private readonly url: string,
    private readonly options: Request,
  ) {}

  /** An image whose layers hold nothing that could be run. */
  public async image(repository: string, more: ImageContent = {}): Promise<PushedImage> {
    const { architecture = "amd64", created = "2026-11-12T09:30:00Z", labels = {}, word = "", author } = more;
    const steps = more.steps ?? STEPS;
    const layers: Descriptor[] = [];
    for (const [i] of steps.filter(([, bytes]) => bytes > 0).entries()) {
      const bytes = steps.filter(([, size]) => size > 0)[i][1];
      layers.push(await this.blob(repository, LAYER, content(`${repository} ${architecture} ${word} ${i}`, bytes)));
    }
    const config = await this.json(repository, CONFIG, {
      architecture,
      os: "linux",
      created,
      author,
      config: {
        Env: ["PATH=/usr/local/bin:/usr/bin:/bin", "NODE_ENV=production"],
        Entrypoint: ["/usr/bin/tini", "--"],
        Cmd: ["node", "server.js"],
        WorkingDir: "/srv",
        User: "1000",
        ExposedPorts: { "8080/tcp": {} },
        Labels: labels,
      },
      rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
      history: steps.map(([created_by, bytes]) => ({
        created,
        created_by,
        ...(bytes > 0 ? {} : { empty_layer: true }),
      })),
    });
    const annotations = more.annotations;
    return {
      ...(await this.manifest(repository, `${OCI}.manifest.v1+json`, { config, layers, annotations })),
      config,
      layers,
    };
  }

  /** An index of images for two platforms, each with an attestation. */
  public async index(repository: string, word: string): Promise<Descriptor> {
    const manifests: object[] = [];
    for (const architecture of ["amd64", "arm64"]) {
      const image = await this.image(repository, { architecture, word });
      const attestation = await this.artifact(repository, "application/vnd.in-toto+json", "provenance.json", { word });
      const { mediaType, digest, size } = image;
      manifests.push({ mediaType, digest, size, platform: { os: "linux", architecture } });
      manifests.push({
        ...attestation,
        platform: { os: "unknown", architecture: "unknown" },
        annotations: {
          "vnd.docker.reference.type": "attestation-manifest",
          "vnd.docker.reference.digest": image.digest,
        },
      });
    }
    return this.manifest(repository, `${OCI}.index.v1+json`, { manifests });
  }

  /** A manifest of anything but an image. */
  public async artifact(repository: string, type: string, file: string, more: object = {}): Promise<Descriptor> {
    const config = await this.json(repository, type, { file });
    const layer = await this.blob(repository, "application/octet-stream", content(`${repository} ${file}`, 4096));
    const layers = [{ ...layer, annotations: { "org.opencontainers.image.title": file } }];
    return this.manifest(repository, `${OCI}.manifest.v1+json`, { config, layers, ...more });
  }

  public async manifest(repository: string, mediaType: string, document: object): Promise<Descriptor> {
    const body = JSON.stringify({ schemaVersion: 2, mediaType, ...document });
    const digest = digestOf(body);
    await this.put(repository, digest, mediaType, body);
    this.bodies.set(digest, { mediaType, body });
    return { mediaType, digest, size: body.length };
  }

  public async tag(repository: string, { digest }: Descriptor, ...tags: string[]): Promise<void> {
    const { mediaType, body } = this.bodies.get(digest) ?? { mediaType: "", body: "" };
    for (const tag of tags) {
      await this.put(repository, tag, mediaType, body);
    }
  }

  private readonly bodies = new Map<string, { mediaType: string; body: string }>();

  private async put(repository: string, reference: string, type: string, body: string): Promise<void> {
    const headers = { ...this.options.headers, "Content-Type": type };
    const url = `${this.url}/v2/${repository}/manifests/${reference}`;
    expectStatus(201, await request(url, { ...this.options, method: "PUT", headers, body }));
  }

  private json(repository: string, mediaType: string, document: object): Promise<Descriptor> {
    return this.blob(repository, mediaType, Buffer.from(JSON.stringify(document)));
  }

  private async blob(repository: string, mediaType: string, body: Buffer): Promise<Descriptor> {
    const digest = digestOf(body);
    const start = `${this.url}/v2/${repository}/blobs/uploads/`;
    const begun = expectStatus(202, await request(start, { ...this.options, method: "POST" }));
    const headers = { ...this.options.headers, "Content-Length": body.length };
    const end = `${begun.headers.location}&digest=${digest}`;
    expectStatus(201, await request(end, { ...this.options, method: "PUT", headers, body }));
    return { mediaType, digest, size: body.length };
  }
}

export interface ImageContent {
  readonly architecture?: string;
  readonly created?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly author?: string;
  /** Another one makes other layers. */
  readonly word?: string;
  /** Commands of the history, each with the bytes of its layer or 0. */
  readonly steps?: readonly (readonly [string, number])[];
}

const STEPS: readonly (readonly [string, number])[] = [
  ["/bin/sh -c #(nop) ADD file:4b03b5f551e3fbdf47ec609712007327828f7530cc3455c43bbcdcaf449a75a9 in / ", 912_000],
  ["RUN /bin/sh -c apt-get update && apt-get install -y --no-install-recommends tini # buildkit", 214_000],
  ["WORKDIR /srv", 0],
  ["COPY package.json package-lock.json ./ # buildkit", 38_000],
  ["RUN /bin/sh -c npm ci --omit=dev # buildkit", 486_000],
  ["COPY dist/ ./ # buildkit", 121_000],
  ['ENTRYPOINT ["/usr/bin/tini" "--"]', 0],
  ['CMD ["node" "server.js"]', 0],
];

/** Bytes that no compressor makes smaller, the same for the same words. */
function content(words: string, bytes: number): Buffer {
  const key = crypto.createHash("sha256").update(words).digest();
  return crypto.createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

function digestOf(body: string | Buffer): string {
  return `sha256:${crypto.createHash("sha256").update(body).digest("hex")}`;
}

function expectStatus<T extends { readonly status: number; readonly text: string }>(status: number, response: T): T {
  if (response.status !== status) {
    throw new Error(`a push ended with ${response.status}: ${response.text}`);
  }
  return response;
}
