import type { Construct } from "constructs";
import type { HtpasswdUser, LoginPlace, Permission, PrivateRegistry } from "../lib";
import { RegistryStack, type RegistryStackProps } from "./registry-stack";

export interface AuthenticatedRegistryStackProps extends RegistryStackProps {
  /** Who may do what. */
  readonly users: HtpasswdUser[];

  /**
   * What everybody may do, without a login.
   *
   * @default - nothing
   */
  readonly everybody?: Permission[];

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
    const { users, everybody, loginPlace, redisCache } = props;
    this.registry = this.addRegistry({ users, everybody, loginPlace, redisCache });
  }
}
