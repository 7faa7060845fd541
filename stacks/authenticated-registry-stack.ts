import type { Construct } from "constructs";
import type { HtpasswdUser, LoginPlace, PrivateRegistry } from "../lib";
import { RegistryStack, type RegistryStackProps } from "./registry-stack";

export interface AuthenticatedRegistryStackProps extends RegistryStackProps {
  /** Who may pull and who may push. */
  readonly users: HtpasswdUser[];

  /**
   * Where passwords are checked.
   *
   * @default LoginPlace.PROXY
   */
  readonly loginPlace?: LoginPlace;

  /**
   * Whether a Redis keeps what the registry knows of its blobs.
   *
   * @default false: the registry's own memory does
   */
  readonly redisCache?: boolean;
}

/** A registry with users, over TLS where the endpoint is HTTPS. */
export class AuthenticatedRegistryStack extends RegistryStack {
  /** For users whose passwords are variables of the stack. */
  public readonly registry: PrivateRegistry;

  constructor(scope: Construct, id: string, props: AuthenticatedRegistryStackProps) {
    super(scope, id, props);
    const { users, loginPlace, redisCache } = props;
    this.registry = this.addRegistry({ users, loginPlace, redisCache });
  }
}
