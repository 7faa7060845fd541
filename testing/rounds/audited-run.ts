import { setTimeout as sleep } from "node:timers/promises";
import type { Response } from "../clients/http";
import type { SmallImages } from "../clients/small-images";
import type { GuardedRegistry } from "../stacks/guarded-registry";

/** What an audit has to say of a request. */
export interface Expected {
  readonly audit: string;
  readonly result: string;
  readonly user: string;
  readonly reference: string;
  readonly status: number;
}

/** A line of the audit, as far as it is compared. */
export interface AuditLine extends Expected {
  readonly reason: string;
  readonly client: string;
}

/** A connection that is kept ends with a reload, and nobody could tell whether its last request was answered. */
const ALONE = { agent: undefined };

/** A run of pulls, pushes, deletes and refusals, each under a name of its own. */
export class AuditedRun {
  /** What the audit has to say, by the name of the client. */
  public readonly expected = new Map<string, Expected>();
  public count = 0;
  private readonly odd: string[] = [];

  public constructor(
    private readonly registry: GuardedRegistry,
    private readonly images: SmallImages,
    /** An immutable tag that is there. */
    private readonly taken: string,
  ) {}

  /** Eight clients at a time, until there are enough requests and `isOver` says so. */
  public async run(enough: number, isOver: () => boolean): Promise<void> {
    const work = async () => {
      while (this.count < enough || !isOver()) {
        await this.one(this.count++);
        if (this.count >= enough) {
          // The deploy that is waited for has the same cores.
          await sleep(200);
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    if (this.odd.length > 0) {
      throw new Error(`${this.odd.length} answers were not as expected: ${this.odd.slice(0, 3).join("; ")}`);
    }
  }

  private async one(i: number): Promise<void> {
    const { images, registry, taken } = this;
    const client = `run-${i}`;
    const manifest = images.manifest(client);
    const put = (reference: string, as: string | undefined, login?: string) => {
      const headers = { "Content-Type": JSON.parse(manifest).mediaType, ...this.headers(client, login) };
      return registry.ask(images.path(reference), { ...ALONE, method: "PUT", as, headers, body: manifest });
    };
    const kinds: (() => Promise<void>)[] = [
      async () => this.expect(await put(`t${i}`, "ci"), client, ["push", "done", "ci", `t${i}`, 201]),
      async () => {
        const digest = images.digest(manifest);
        await put(`d${i}`, "ci").then((answer) => this.expect(answer, client, ["push", "done", "ci", `d${i}`, 201]));
        const options = { ...ALONE, method: "DELETE", as: "ci", headers: this.headers(`${client}-delete`) };
        const answer = await registry.ask(images.path(digest), options);
        this.expect(answer, `${client}-delete`, ["delete", "done", "ci", digest, 202]);
      },
      async () => this.expect(await put(taken, "ci"), client, ["push", "denied", "ci", taken, 403]),
      async () => this.expect(await put(`r${i}`, "reader"), client, ["push", "denied", "reader", `r${i}`, 403]),
      async () => {
        const answer = await put(`w${i}`, "", registry.login("ci", "not the password"));
        this.expect(answer, client, ["push", "denied", "", `w${i}`, 401]);
      },
      // No change, no refusal: a pull, one of what is not there, and one without a login.
      async () => this.expect(await registry.ask(images.path(taken), { ...ALONE, headers: this.headers(client) })),
      async () => this.expect(await registry.ask(images.path(`n${i}`), { ...ALONE, headers: this.headers(client) })),
      async () => this.expect(await put(`a${i}`, "")),
    ];
    await kinds[i % kinds.length]();
  }

  private headers(client: string, login?: string) {
    const accept = "application/vnd.oci.image.manifest.v1+json";
    return { Accept: accept, "User-Agent": client, ...(login ? { Authorization: login } : {}) };
  }

  private expect({ status, text }: Response, client?: string, line?: [string, string, string, string, number]): void {
    if (client === undefined || line === undefined) {
      return;
    }
    const [audit, result, user, reference, expected] = line;
    if (status !== expected) {
      this.odd.push(`${client} (${audit} ${reference}) gave ${status}: ${text}`);
    }
    this.expected.set(client, { audit, result, user, reference, status });
  }
}
