import type { HtpasswdUser } from "./htpasswd-user";
import type { Permission } from "./permission";

/** Users with passwords, and what each of them may do. */
export interface HtpasswdAuthProps {
  /**
   * The users; more can be added later, but one there must be.
   *
   * @default - none yet
   */
  readonly users?: HtpasswdUser[];

  /**
   * Name of what the users log in to, as clients show it.
   *
   * @default "Registry"
   */
  readonly realm?: string;

  /**
   * Logins that the proxy checks a second for one address, or for one /64 network of IPv6; five are checked at once,
   * further ones wait, and more than forty waiting are refused (429). Logins that the proxy remembers are not counted.
   *
   * Behind a balancer all clients have the balancer's address, until nginx is told to believe what it says of them:
   * see docs/operations.md, "Behind a balancer".
   *
   * @default 2
   */
  readonly loginsPerSecond?: number;

  /**
   * What everybody may do who reaches the port, without a login; users may do it too. The proxy has to check the users.
   *
   * @default - nothing
   */
  readonly everybody?: Permission[];

  /**
   * Whether the proxy gives Bearer tokens for logins, so that a password is checked once in five minutes; requests with
   * name and password are answered as well.
   *
   * @default - true where somebody has permissions by repository, or everybody has any, and the proxy checks the users
   * @see https://distribution.github.io/distribution/spec/auth/token/
   */
  readonly tokens?: boolean;
}
