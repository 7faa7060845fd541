import type { ServerContainer } from "./containers";

/** What a contender is compared with. */
export enum Kind {
  HTTP = "HTTP",
  TLS = "TLS",
  USERS = "users",
}

/** One way to serve a registry, deployed and ready. */
export interface Contender {
  readonly name: string;
  readonly kind: Kind;
  readonly isOurs: boolean;
  /** `scheme://address:port` that clients ask. */
  readonly url: string;
  headers: Record<string, string>;
  /** What makes the headers new, where they do not last. */
  readonly renew?: () => Promise<Record<string, string>>;
  /** The container that clients talk to. */
  readonly front: ServerContainer;
  /** The registry behind it, or itself. */
  readonly registry: ServerContainer;
  /** All that work for a request. */
  readonly servers: ServerContainer[];
}
