import { grantedBy } from "./challenge";
import { errorOf } from "./registry-error";

/** How many repositories a token is for at most: its length has a limit, and a token for more is one request less. */
const MOST_SCOPES = 8;

/** A token that is about to expire could do so on its way. */
const MARGIN_MS = 20_000;

interface Held {
  readonly token: string;
  readonly expires: number;
}

interface Waiting {
  readonly scope: string;
  readonly resolve: (token: string) => void;
  readonly reject: (error: unknown) => void;
}

/** Bearer tokens, in memory: fetched for what is asked at about the same time, and again before they expire. */
export class Tokens {
  private readonly held = new Map<string, Held>();
  private readonly granted = new Map<string, readonly string[]>();
  private waiting: Waiting[] = [];

  public constructor(
    private readonly realm: string,
    private readonly service: string,
    private readonly login: string | undefined,
  ) {}

  public get(scope: string): Promise<string> {
    const held = this.held.get(scope);
    if (held && held.expires > Date.now()) {
      return Promise.resolve(held.token);
    }
    return new Promise((resolve, reject) => {
      if (this.waiting.length === 0) {
        setTimeout(() => this.fetchAll(), 5);
      }
      this.waiting.push({ scope, resolve, reject });
    });
  }

  public forget(scope: string): void {
    this.held.delete(scope);
  }

  /** What the bearer may do, where a token has said so. */
  public actionsOn(repository: string): readonly string[] | undefined {
    return this.granted.get(repository);
  }

  private fetchAll(): void {
    const waiting = this.waiting;
    this.waiting = [];
    const scopes = [...new Set(waiting.map(({ scope }) => scope))];
    for (let i = 0; i < scopes.length; i += MOST_SCOPES) {
      const some = scopes.slice(i, i + MOST_SCOPES);
      const them = waiting.filter(({ scope }) => some.includes(scope));
      this.fetch(some).then(
        (token) => {
          for (const { resolve } of them) {
            resolve(token);
          }
        },
        (error) => {
          for (const { reject } of them) {
            reject(error);
          }
        },
      );
    }
  }

  private async fetch(scopes: readonly string[]): Promise<string> {
    const query = new URLSearchParams([["service", this.service], ...scopes.map((scope) => ["scope", scope])]);
    const response = await fetch(`${this.realm}?${query}`, {
      headers: this.login ? { Authorization: this.login } : {},
      // Without this a browser would ask for a password by a window of its own, and remember it.
      credentials: "omit",
    });
    if (!response.ok) {
      throw await errorOf(response);
    }
    const { token, access_token, expires_in } = await response.json();
    const text = String(token ?? access_token);
    const expires = Date.now() + (Number(expires_in) || 60) * 1000 - MARGIN_MS;
    for (const scope of scopes) {
      this.held.set(scope, { token: text, expires });
    }
    for (const [name, actions] of grantedBy(text)) {
      this.granted.set(name, actions);
    }
    return text;
  }
}
