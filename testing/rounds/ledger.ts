import type { Pusher } from "../clients/pusher";

/** What clients were told: the images that must be there. */
export class Ledger {
  /** Pushes that failed each time, and why. */
  public readonly failed: string[] = [];
  private readonly images = new Map<string, Map<string, string>>();
  private acknowledged = 0;
  private deleted = 0;
  private repeated = 0;

  public get counts(): { acknowledged: number; deleted: number; repeated: number } {
    return { acknowledged: this.acknowledged, deleted: this.deleted, repeated: this.repeated };
  }

  /** Pushes until it succeeds; a person would try again a few times. */
  public async push(
    repository: string,
    reference: string | undefined,
    push: () => Promise<string>,
  ): Promise<string | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        const digest = await push();
        this.of(repository).set(reference ?? digest, digest);
        this.acknowledged++;
        return digest;
      } catch (error) {
        if (attempt === 5) {
          this.failed.push(`${repository}:${reference}: ${error}`);
          // Whether something of it is there is not known.
          this.of(repository).delete(reference ?? "");
          return undefined;
        }
        this.repeated++;
        await new Promise((resolve) => setTimeout(resolve, 300 * attempt));
      }
    }
  }

  /** Deletes a manifest, and with it all tags that name it. */
  public async delete(repository: string, digest: string, pusher: Pusher): Promise<void> {
    const images = this.of(repository);
    // Forgotten first: whether a delete that failed has deleted is not known.
    for (const [reference, named] of images) {
      if (named === digest) {
        images.delete(reference);
      }
    }
    if (await pusher.delete(repository, digest).catch(() => false)) {
      this.deleted++;
    }
  }

  /** Digests of what has a tag; the rest is part of an index, which would be broken without it. */
  public tagged(repository: string): string[] {
    const tagged = [...this.of(repository)].filter(([reference, digest]) => reference !== digest);
    return [...new Set(tagged.map(([, digest]) => digest))];
  }

  public async faults(pusher: Pusher): Promise<string[]> {
    const found: string[] = [];
    for (const [repository, images] of this.images) {
      for (const [reference, digest] of images) {
        found.push(...(await pusher.faults(repository, reference, digest)));
      }
    }
    return found;
  }

  private of(repository: string): Map<string, string> {
    const images = this.images.get(repository) ?? new Map<string, string>();
    this.images.set(repository, images);
    return images;
  }
}
