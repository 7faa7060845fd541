import { signal } from "@preact/signals";
import { basicHeader, type Challenge, challengeOf } from "./challenge";
import { errorOf, RegistryError } from "./registry-error";
import { Tokens } from "./tokens";

export const CATALOG = "registry:catalog:*";

export const repositoryScope = (repository: string): string => `repository:${repository}:pull,delete`;

/** Why a login is asked for. */
export type LoginReason = "needed" | "refused" | "wanted";

interface Asked {
  readonly reason: LoginReason;
  readonly answered: Promise<void>;
  readonly succeed: () => void;
  readonly giveUp: () => void;
}

/**
 * Who the page is for the registry. Names, passwords and tokens are in memory only: closing or reloading the page
 * forgets them.
 */
export class Session {
  /** The user's name; nothing for whoever has not logged in. */
  public readonly user = signal<string | undefined>(undefined);
  /** Whether there is something to log in to. */
  public readonly hasLogins = signal(false);
  /** The form that waits for a name and a password, if it does. */
  public readonly asked = signal<Asked | undefined>(undefined);

  /** Who logged in last: when it is the same one again, all that is shown is still right. */
  public lastUser?: string;

  private challenge?: Challenge;
  private login?: string;
  private tokens?: Tokens;

  /** The header of a request, where it needs one. */
  public async authorization(scope: string): Promise<string | undefined> {
    if (this.challenge?.scheme !== "bearer" || !this.tokens) {
      return this.login;
    }
    const { tokens } = this;
    try {
      return `Bearer ${await tokens.get(scope)}`;
    } catch (error) {
      if (error instanceof RegistryError && error.status === 401) {
        await this.ask(tokens);
        return this.authorization(scope);
      }
      throw error;
    }
  }

  /** A request with this header came back with 401: returns when it is worth trying again. */
  public async refused(response: Response, scope: string, sent: string | undefined, isFirst: boolean): Promise<void> {
    const challenge = challengeOf(response.headers.get("WWW-Authenticate"));
    if (!challenge) {
      throw await errorOf(response);
    }
    const isNew = this.challenge?.scheme !== challenge.scheme;
    if (isNew) {
      this.take(challenge);
    }
    if (challenge.scheme === "bearer") {
      this.tokens?.forget(scope);
      if (isNew || isFirst) {
        return;
      }
      if (this.login) {
        throw await errorOf(response);
      }
      return this.ask(this.tokens);
    }
    if (sent === this.login) {
      return this.ask(this.login);
    }
  }

  /** Logs in, or says why not. */
  public async logIn(user: string, password: string): Promise<void> {
    const login = basicHeader(user, password);
    if (this.challenge?.scheme === "bearer") {
      const { realm, service } = this.challenge;
      const tokens = new Tokens(ownAddress(realm), service, login);
      await tokens.get(CATALOG);
      this.tokens = tokens;
    } else {
      const response = await fetch("/v2/", { headers: { Authorization: login }, credentials: "omit" });
      if (!response.ok) {
        throw await errorOf(response);
      }
    }
    this.login = login;
    this.user.value = user;
    this.lastUser = user;
    this.asked.value?.succeed();
  }

  public logOut(): void {
    this.forgetLogin();
  }

  /** Shows the form at the user's own wish. */
  public want(): void {
    this.show("wanted").catch(() => {});
  }

  /** What the user may do in a repository, where that is known beforehand. */
  public actionsOn(repository: string): readonly string[] | undefined {
    return this.challenge?.scheme === "bearer" ? this.tokens?.actionsOn(repository) : undefined;
  }

  /** Whether all repositories give this user the same rights. */
  public get isTheSameEverywhere(): boolean {
    return this.challenge?.scheme !== "bearer";
  }

  private take(challenge: Challenge): void {
    this.challenge = challenge;
    this.hasLogins.value = true;
    if (challenge.scheme === "bearer") {
      this.tokens = new Tokens(ownAddress(challenge.realm), challenge.service, this.login);
    }
  }

  /** @param used what the request was sent with: somebody may have logged in meanwhile */
  private async ask(used: Tokens | string | undefined): Promise<void> {
    const current = this.challenge?.scheme === "bearer" ? this.tokens : this.login;
    if (used !== current) {
      return;
    }
    const reason = this.login ? "refused" : "needed";
    this.forgetLogin();
    await this.show(reason);
  }

  private show(reason: LoginReason): Promise<void> {
    if (!this.asked.value) {
      let succeed = () => {};
      let giveUp = () => {};
      const answered = new Promise<void>((resolve, reject) => {
        succeed = resolve;
        giveUp = () => reject(new RegistryError(401, "UNAUTHORIZED", "authentication required"));
      }).finally(() => {
        this.asked.value = undefined;
      });
      this.asked.value = { reason, answered, succeed, giveUp };
    }
    return this.asked.value.answered;
  }

  private forgetLogin(): void {
    this.login = undefined;
    this.user.value = undefined;
    if (this.challenge?.scheme === "bearer") {
      this.tokens = new Tokens(ownAddress(this.challenge.realm), this.challenge.service, undefined);
    }
  }
}

/** Passwords are sent to where this page came from, and nowhere else. */
function ownAddress(realm: string): string {
  const url = new URL(realm, location.href);
  if (url.origin !== location.origin) {
    throw new RegistryError(0, "UNSUPPORTED", `tokens come from another address, ${url.origin}`);
  }
  return url.pathname;
}
