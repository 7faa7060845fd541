import { requireImageReference } from "./image-reference";

/**
 * The image of a container that this library runs; use `RegistryImage` for the registry itself.
 *
 * @example
 * import { ContainerImage, RedisCache } from "cdktf-docker-registry";
 *
 * new RedisCache(stack, "Cache", { image: ContainerImage.of("mirror.example.com/library/redis:8.2.1") });
 */
export class ContainerImage {
  /** nginx 1.28 from its maintainers. */
  public static readonly NGINX = ContainerImage.of("nginx:1.28");

  /** Redis 8.2 from its maintainers. */
  public static readonly REDIS = ContainerImage.of("redis:8.2");

  /** restic 0.18 from its maintainers. */
  public static readonly RESTIC = ContainerImage.of("restic/restic:0.18.1");

  /** Prometheus 3.5 from its maintainers. */
  public static readonly PROMETHEUS = ContainerImage.of("prom/prometheus:v3.5.0");

  /**
   * Any image, by its reference.
   *
   * An image of that name which the engine already holds is used without a pull.
   *
   * @param reference `[host[:port]/]repository[:tag][@digest]`
   * @throws when the reference does not parse
   */
  public static of(reference: string): ContainerImage {
    requireImageReference("ContainerImage", reference);
    return new ContainerImage(reference);
  }

  private constructor(
    /** The reference as Docker takes it. */
    public readonly reference: string,
  ) {}
}
