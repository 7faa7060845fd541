import { type Request, request } from "./http";

export interface Failure {
  /** Milliseconds since the client started. */
  readonly at: number;
  /** The status, or the connection's error. */
  readonly what: number | string;
}

/** Makes the same request again and again, on time whether or not the one before was answered, as many clients do. */
export class SteadyClient {
  public readonly failures: Failure[] = [];
  public answered = 0;

  private readonly start = Date.now();
  private readonly inFlight = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;

  public constructor(url: string, options: Request & { readonly perSecond?: number; readonly expected?: number } = {}) {
    const { perSecond = 20, expected = 200, ...rest } = options;
    this.timer = setInterval(() => {
      const one = this.ask(url, rest, expected).finally(() => this.inFlight.delete(one));
      this.inFlight.add(one);
    }, 1000 / perSecond);
  }

  /** Milliseconds from the first failure to the last. */
  public get failingMs(): number {
    const [first, last] = [this.failures[0], this.failures[this.failures.length - 1]];
    return (last?.at ?? 0) - (first?.at ?? 0);
  }

  /** Ends when the last answer is in. */
  public async stop(): Promise<this> {
    clearInterval(this.timer);
    await Promise.all(this.inFlight);
    return this;
  }

  private async ask(url: string, options: Request, expected: number): Promise<void> {
    const at = Date.now() - this.start;
    try {
      const { status } = await request(url, options);
      this.answered++;
      if (status !== expected) {
        this.failures.push({ at, what: status });
      }
    } catch (error) {
      this.failures.push({ at, what: (error as Error).message });
    }
  }
}
