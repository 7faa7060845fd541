import type { TestImage } from "../clients/images";
import type { Pusher } from "../clients/pusher";
import type { Ledger } from "./ledger";

/** Whatever happens, a client does at least so much in a round. */
const LEAST = 6;

/** All images of the clients of HTTP are made of these. */
const LAYERS = Array.from({ length: 10 }, (_, i) => Buffer.from(`layer ${i} of the pool `.repeat(20 + i)));

/** A client at work in a repository of its own; what is in it is in other repositories too. */
export abstract class Worker {
  private seed: number;

  constructor(
    protected readonly ledger: Ledger,
    protected readonly pusher: Pusher,
    protected readonly repository: string,
    seed: number,
  ) {
    this.seed = seed;
  }

  public async workUntil(isOver: () => boolean): Promise<void> {
    for (let done = 0; done < LEAST || !isOver(); done++) {
      const digests = this.ledger.tagged(this.repository);
      if (digests.length > 3 && this.random(100) < 35) {
        await this.ledger.delete(this.repository, digests[this.random(digests.length)], this.pusher);
      } else {
        await this.push(`tag-${this.random(6)}`);
      }
    }
  }

  protected abstract push(tag: string): Promise<unknown>;

  /** The same numbers in each run (Park and Miller). */
  protected random(below: number): number {
    this.seed = (this.seed * 48271) % 0x7fffffff;
    return this.seed % below;
  }
}

/** Pushes images, indexes with an attestation, and artifacts that refer to an image, and mounts what others have. */
export class HttpWorker extends Worker {
  protected async push(tag: string): Promise<void> {
    const kind = this.random(10);
    if (kind < 6) {
      await this.ledger.push(this.repository, tag, () => this.image(tag));
    } else if (kind < 8) {
      const word = String(this.random(4));
      await this.ledger.push(this.repository, tag, async () => {
        const children = [
          await this.image(undefined, `amd64 ${word}`),
          await this.image(undefined, `attestation ${word}`),
        ];
        return this.pusher.index(this.repository, tag, children);
      });
    } else {
      const subject = await this.ledger.push(this.repository, tag, () => this.image(tag));
      if (subject) {
        const artifact = () =>
          this.pusher.image(this.repository, undefined, [this.layer()], { word: "signature", subject });
        const digest = await this.ledger.push(this.repository, undefined, artifact);
        const fallback = `sha256-${subject.replace("sha256:", "")}`;
        if (digest) {
          await this.ledger.push(this.repository, fallback, () =>
            this.pusher.index(this.repository, fallback, [digest]),
          );
        }
      }
    }
  }

  private image(tag: string | undefined, word = `word ${this.random(5)}`): Promise<string> {
    const layers = [...new Set([this.layer(), this.layer(), this.layer()])];
    const mountFrom = this.random(2) ? undefined : this.repository === "http/one" ? "http/two" : "http/one";
    return this.pusher.image(this.repository, tag, layers, { word, mountFrom });
  }

  private layer(): Buffer {
    return LAYERS[this.random(LAYERS.length)];
  }
}

/** Pushes images by a program. */
export class CommandWorker extends Worker {
  constructor(
    ledger: Ledger,
    pusher: Pusher,
    repository: string,
    seed: number,
    private readonly images: TestImage[],
    private readonly command: (image: TestImage, name: string) => Promise<unknown>,
  ) {
    super(ledger, pusher, repository, seed);
  }

  protected async push(tag: string): Promise<void> {
    const image = this.images[this.random(this.images.length)];
    await this.ledger.push(this.repository, tag, async () => {
      await this.command(image, `${this.repository}:${tag}`);
      return image.manifest.digest;
    });
  }
}
