import type { Construct } from "constructs";
import type { RedisConnection } from "../lib";
import { RegistryStack, type RegistryStackProps } from "./registry-stack";

export interface CachedRegistryStackProps extends RegistryStackProps {
  /**
   * Whether the registry is distribution 2.
   *
   * @default false
   */
  readonly version2?: boolean;

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
    const { images } = props;
    this.addRegistry({
      redisCache: true,
      redisOptions: props.cacheConnection,
      registryOptions: { image: props.version2 ? images.registryV2 : images.registry },
      proxyOptions: { refuseOldClients: true },
    });
  }
}
