import { signal } from "@preact/signals";
import { isDigest } from "../text/reference";
import type { Client, Facts } from "./client";
import { type ImageConfig, imagesOf, type Manifest, parseConfig, parseManifest, sizeOf } from "./manifests";
import { asRegistryError, type RegistryError } from "./registry-error";

/** An image as a page shows it. */
export interface Image {
  readonly digest: string;
  readonly type: string;
  readonly text: string;
  readonly manifest: Manifest;
}

export type DetailedFacts = Facts & { readonly isDetailed: boolean };

/** What a row of a list of tags says. */
export interface Summary {
  readonly image: Image;
  readonly platforms: readonly string[];
  readonly bytes: number;
  readonly created?: number;
}

/** Images of an index that are asked for to know how large it is. */
const MOST_IMAGES = 16;

/** Requests in flight: a browser has six connections to a host, and one should be free for what a person does. */
const AT_ONCE = 5;

/** What the page has learned. What a digest stands for never changes and is kept; all else is asked for again. */
export class Store {
  public readonly repositories = signal<readonly string[]>([]);
  public readonly isComplete = signal(false);
  public readonly failure = signal<RegistryError | undefined>(undefined);
  /** Changes when all that is shown was for somebody else. */
  public readonly generation = signal(0);
  /** Changes when something was deleted. */
  public readonly revision = signal(0);

  private readonly images = new Map<string, Image>();
  private readonly configs = new Map<string, unknown>();
  private facts = new Map<string, DetailedFacts>();
  private deletable = new Map<string, boolean>();
  private loading = new AbortController();
  private running = 0;
  private readonly queue: (() => void)[] = [];

  public constructor(public readonly client: Client) {}

  /** Asks for all repositories; what there is so far is shown meanwhile. */
  public async load(): Promise<void> {
    this.loading.abort();
    this.loading = new AbortController();
    const { signal } = this.loading;
    this.failure.value = undefined;
    this.isComplete.value = false;
    try {
      let names: string[] = [];
      for await (const page of this.client.repositories(signal)) {
        names = names.concat(page);
        this.repositories.value = names;
      }
      this.repositories.value = names;
      this.isComplete.value = true;
    } catch (error) {
      if (!signal.aborted) {
        this.failure.value = asRegistryError(error);
      }
    }
  }

  /** Forgets what depends on who asks, and asks again. */
  public renew(): void {
    this.repositories.value = [];
    this.facts = new Map();
    this.deletable = new Map();
    this.images.clear();
    this.configs.clear();
    this.generation.value++;
    this.load();
  }

  /** Forgets what a repository had. */
  public changed(repository: string): void {
    this.facts.delete(repository);
    this.revision.value++;
  }

  public knownFacts(repository: string): DetailedFacts | undefined {
    return this.facts.get(repository);
  }

  public async factsOf(repository: string, signal: AbortSignal): Promise<DetailedFacts> {
    const facts = await this.inTurn(signal, () => this.client.facts(repository, signal));
    this.facts.set(repository, facts);
    return facts;
  }

  public async image(repository: string, reference: string, signal: AbortSignal): Promise<Image> {
    const key = `${repository}@${reference}`;
    const known = isDigest(reference) ? this.images.get(key) : undefined;
    if (known) {
      return known;
    }
    const { digest, type, text } = await this.inTurn(signal, () => this.client.manifest(repository, reference, signal));
    const image = { digest, type, text, manifest: parseManifest(text) };
    this.images.set(`${repository}@${digest}`, image);
    return image;
  }

  /** The configuration of an image; nothing for an index or an artifact. */
  public async config(repository: string, { manifest }: Image, signal: AbortSignal): Promise<ImageConfig | undefined> {
    if (manifest.kind !== "image") {
      return undefined;
    }
    const key = `${repository}@${manifest.config.digest}`;
    if (!this.configs.has(key)) {
      const { digest } = manifest.config;
      this.configs.set(key, await this.inTurn(signal, () => this.client.blob(repository, digest, signal)));
    }
    return parseConfig(this.configs.get(key), manifest.layers);
  }

  public async summary(repository: string, reference: string, signal: AbortSignal): Promise<Summary> {
    const image = await this.image(repository, reference, signal);
    const { manifest } = image;
    if (manifest.kind !== "index") {
      const config = await this.config(repository, image, signal).catch(() => undefined);
      const platforms = config?.platform ? [config.platform] : [];
      return { image, platforms, bytes: sizeOf(manifest) ?? 0, created: config?.created };
    }
    const children = imagesOf(manifest.manifests);
    const loaded = await Promise.all(
      children.slice(0, MOST_IMAGES).map(({ digest }) => this.image(repository, digest, signal).catch(() => undefined)),
    );
    const bytes = loaded.reduce((sum, child) => sum + ((child && sizeOf(child.manifest)) ?? 0), 0);
    const first = loaded.find(Boolean);
    const config = first && (await this.config(repository, first, signal).catch(() => undefined));
    const platforms = children.map(({ platform }) => platform).filter((platform) => platform !== undefined);
    return { image, platforms, bytes, created: config?.created };
  }

  public async canDelete(repository: string, isTheSameEverywhere: boolean, signal: AbortSignal): Promise<boolean> {
    const key = isTheSameEverywhere ? "" : repository;
    const known = this.deletable.get(key);
    if (known !== undefined) {
      return known;
    }
    const can = await this.client.canDelete(repository, signal);
    this.deletable.set(key, can);
    return can;
  }

  /** The digest of each tag, from what is known already or by asking for each. */
  public async digests(
    repository: string,
    signal: AbortSignal,
    progress: (done: number, all: number) => void,
  ): Promise<ReadonlyMap<string, string>> {
    const { tags } = await this.factsOf(repository, signal);
    const found = new Map<string, string>();
    let done = 0;
    await Promise.all(
      tags.map(async ({ name, digest }) => {
        const of =
          digest ?? (await this.inTurn(signal, () => this.client.digestOf(repository, name, signal)).catch(() => ""));
        if (of) {
          found.set(name, of);
        }
        progress(++done, tags.length);
      }),
    );
    return found;
  }

  private async inTurn<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    if (this.running >= AT_ONCE) {
      // The last one first: it is what has come into sight.
      await new Promise<void>((resolve) => this.queue.push(resolve));
    } else {
      this.running++;
    }
    try {
      signal.throwIfAborted();
      return await task();
    } finally {
      const next = this.queue.pop();
      if (next) {
        next();
      } else {
        this.running--;
      }
    }
  }
}
