import { type AnyRequest, requestOfAny } from "./http";

export interface Failure {
  /** Milliseconds since the client started. */
  readonly at: number;
  /** The status, or the connection's error. */
  readonly what: number | string;
}

interface SteadyRequest extends AnyRequest {
  readonly perSecond?: number;
  readonly expected?: number;
}

/** Makes the same request again and again, on time whether or not the one before was answered, as many clients do. */
export class SteadyClient {
  public readonly failures: Failure[] = [];
  public answered = 0;

  private readonly start = Date.now();
  private readonly inFlight = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;

  public constructor(url: string, options: SteadyRequest = {}) {
    this.timer = setInterval(
      () => {
        const one = this.ask(url, options).finally(() => this.inFlight.delete(one));
        this.inFlight.add(one);
      },
      1000 / (options.perSecond ?? 20),
    );
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

  private async ask(url: string, { perSecond: _, expected = 200, ...options }: SteadyRequest): Promise<void> {
    const at = Date.now() - this.start;
    try {
      const { status } = await requestOfAny(url, options);
      this.answered++;
      if (status !== expected) {
        this.failures.push({ at, what: status });
      }
    } catch (error) {
      this.failures.push({ at, what: (error as Error).message });
    }
  }
}
