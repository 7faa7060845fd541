import type { Construct } from "constructs";
import {
  HtpasswdAuth,
  type HtpasswdUser,
  type IssuedCertificate,
  NginxProxy,
  RedisCache,
  RegistryContainer,
  RegistryStorage,
} from "../lib";
import { RegistryStack, type RegistryStackProps } from "./registry-stack";

/** Where passwords are checked. */
export enum LoginPlace {
  /** At the proxy, which remembers who has logged in: fast, and the registry never sees a password. */
  PROXY = "proxy",
  /** At the registry, for each request anew. */
  REGISTRY = "registry",
}

export interface AuthenticatedRegistryStackProps extends RegistryStackProps {
  /** Who may pull and who may push. */
  readonly users: HtpasswdUser[];

  /** @default LoginPlace.PROXY */
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
  public readonly users: HtpasswdAuth;

  constructor(scope: Construct, id: string, props: AuthenticatedRegistryStackProps) {
    super(scope, id, props);
    const users = new HtpasswdAuth(this, "Users", { users: props.users, realm: `${id} registry` });
    this.users = users;
    const place = props.loginPlace ?? LoginPlace.PROXY;
    const certificate = this.certificate(props);
    const registry = new RegistryContainer(this, "Registry", {
      image: props.images.registry,
      storage: RegistryStorage.filesystem({ protectData: props.protectData }),
      deleteEnabled: true,
      cache: props.redisCache ? new RedisCache(this, "Cache", { image: props.images.redis }) : undefined,
      auth: place === LoginPlace.REGISTRY ? users : undefined,
    });
    new NginxProxy(this, "Proxy", {
      image: props.images.nginx,
      endpoint: props.endpoint,
      registry,
      certificate,
      auth: place === LoginPlace.PROXY ? users : undefined,
    });
    this.usersOutput(users);
  }

  private certificate(props: RegistryStackProps): IssuedCertificate | undefined {
    if (props.endpoint.scheme === "https") {
      return this.privateTrust(props).certificate;
    }
    this.clientTrust(props);
    return undefined;
  }
}
