import type { Permission } from "./permission";

/** What a user may do in every repository; `Permission` says it by repository. */
export enum Access {
  /** Read manifests and blobs: `Permission.pull("**")`. */
  PULL = "pull",
  /** Read, write and, where the registry allows it to anybody, delete: `Permission.all("**")`. */
  PUSH = "push",
}

/** What is said of every user. */
export interface HtpasswdUserProps {
  /**
   * What the user may do in every repository.
   *
   * @default Access.PULL, or nothing where there are `permissions`
   */
  readonly access?: Access;

  /**
   * What the user may do by repository, in addition to `access`. The proxy needs an nginx with njs then.
   *
   * @default - nothing
   */
  readonly permissions?: Permission[];

  /**
   * The moment from which the proxy refuses whatever this user asks for, in UTC, as in `"2027-06-30T00:00:00Z"`: by the clock of
   * the engine's machine, without a deploy. Plans warn from two weeks before. The proxy needs an nginx with njs then.
   *
   * @default - the user stays
   */
  readonly expiresAt?: string;
}

/** A user whose password Terraform makes up. */
export interface GeneratedUserProps extends HtpasswdUserProps {
  /**
   * Any text, such as a date: another one makes another password.
   *
   * @default - the password stays
   */
  readonly rotation?: string;
}
