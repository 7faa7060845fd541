/** Whom an `AccessRule` is for that is for everybody, with a login or without; no user can have this name. */
export const EVERYBODY = "*";

/** What somebody may do in some repositories. */
export interface AccessRule {
  /** Name of a user, or `"*"` for everybody, with a login or without. */
  readonly who: string;
  /** Patterns of repositories: `*` is a component or part of one, `**` any number of components. */
  readonly repositories: string[];
  /** `"pull"`, `"push"` and `"delete"`. */
  readonly actions: string[];
}

/** Rights by repository, for a proxy to decide. */
export interface RegistryRights {
  /** Rules add up; what none allows is refused. */
  readonly rules: AccessRule[];

  /**
   * What the proxy signs Bearer tokens with; sensitive.
   *
   * @default - it gives none, and asks for name and password
   */
  readonly tokenKey?: string;

  /**
   * The moment from which a user is refused, by name, in UTC.
   *
   * @default - users stay
   */
  readonly expiries?: { readonly [name: string]: string };
}
