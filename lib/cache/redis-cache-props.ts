import type { ContainerImage } from "../docker/container-image";
import type { ServiceContainerProps } from "../docker/service-container";
import type { RedisConnection } from "./redis-connection";

/** A Redis of its own for what registries know of their blobs. */
export interface RedisCacheProps extends ServiceContainerProps, RedisConnection {
  /**
   * Redis' image; it needs a shell and redis-cli, as the maintainers' image has them.
   *
   * @default ContainerImage.REDIS
   */
  readonly image?: ContainerImage;

  /**
   * How much the cache may hold, in MiB; what was not asked for longest goes first. A blob takes less than 1 KiB.
   * At least 8: a cache that forgets at once what it was told makes the registry answer deletes with 404.
   *
   * @default 128
   */
  readonly maxMemoryMiB?: number;

  /**
   * Connections that Redis takes, of all registries together.
   *
   * @default 1024
   */
  readonly maxClients?: number;

  /**
   * Seconds between snapshots that outlive a restart.
   * A cache that remembers what garbage collection has removed tells clients of blobs that are gone.
   *
   * @default - no snapshots: the cache is empty after each start
   */
  readonly snapshotSeconds?: number;
}
