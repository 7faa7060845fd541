import type { ContainerImage } from "../docker/container-image";
import type { NginxService } from "./nginx-service";
import type { RedisService } from "./redis-service";
import type { RegistryService } from "./registry-service";
import type { SwarmServiceOptions } from "./service-props";

/** What an endpoint of metrics on a Swarm stands between. */
export interface MetricsServiceProps extends SwarmServiceOptions {
  /** The registries; they say by their `metrics` where the endpoint is to be found. */
  readonly registry: RegistryService;

  /** The proxies in front of them. */
  readonly proxies: NginxService[];

  /**
   * Their Redis.
   *
   * @default - its figures are not shown
   */
  readonly cache?: RedisService;

  /**
   * nginx's image, where the metrics name none; it needs a shell, getent or nslookup, and curl for the figures of the Redis, as
   * all images of its maintainers have them.
   *
   * @default ContainerImage.NGINX
   */
  readonly image?: ContainerImage;

  /**
   * On how many nodes the endpoint is published, where it is.
   *
   * @default - on all that the placement allows; a deploy does not wait for them
   */
  readonly nodes?: number;
}
