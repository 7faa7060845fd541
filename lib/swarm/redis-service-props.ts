import type { RedisCacheProps } from "../cache/redis-cache-props";
import type { SwarmServiceOptions } from "./service-props";

/** A Redis as a service of Swarm. */
export interface RedisServiceProps extends RedisCacheProps, SwarmServiceOptions {
  /**
   * Whether the nodes' kernels encrypt what registries and Redis say to each other.
   *
   * @default false
   */
  readonly encryptedNetworks?: boolean;
}
