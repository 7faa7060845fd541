import type { Construct } from "constructs";
import {
  NginxProxy,
  RedisCache,
  type RedisConnection,
  RegistryContainer,
  type RegistryContainerProps,
  RegistryStorage,
} from "../lib";
import { RegistryStack, type RegistryStackProps } from "./registry-stack";

export interface CachedRegistryStackProps extends RegistryStackProps {
  /**
   * Whether the registry is distribution 2.
   *
   * @default false
   */
  readonly version2?: boolean;

  /**
   * Settings of the registry.
   *
   * @default - the registry's defaults, and deletes are allowed
   */
  readonly registry?: RegistryContainerProps;

  /**
   * How the registry keeps its connections to the cache.
   *
   * @default - the cache's defaults
   */
  readonly cacheConnection?: RedisConnection;
}

/** A registry behind nginx over TLS that keeps what it knows of its blobs in a Redis. */
export class CachedRegistryStack extends RegistryStack {
  constructor(scope: Construct, id: string, props: CachedRegistryStackProps) {
    super(scope, id, props);
    const { certificate } = this.privateTrust(props);
    const cache = new RedisCache(this, "Cache", { image: props.images.redis, ...props.cacheConnection });
    const registry = new RegistryContainer(this, "Registry", {
      image: props.version2 ? props.images.registryV2 : props.images.registry,
      storage: RegistryStorage.filesystem({ protectData: props.protectData }),
      deleteEnabled: true,
      cache,
      ...props.registry,
    });
    new NginxProxy(this, "Proxy", {
      image: props.images.nginx,
      endpoint: props.endpoint,
      registry,
      certificate,
      refuseOldClients: true,
    });
  }
}
