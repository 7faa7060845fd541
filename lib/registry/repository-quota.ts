import { invalidInput } from "../core/errors";
import { requireRepositoryPattern } from "../core/repository-pattern";
import { requireWholeNumber } from "../core/validation";

/** How much repositories may hold; one limit at least. */
export interface RepositoryQuotaLimits {
  /**
   * The most MiB of all layers, configurations and manifests together; what several of the repositories have counts once.
   *
   * @default - no limit
   */
  readonly maxMiB?: number;

  /**
   * The most tags, those of signatures among them.
   *
   * @default - no limit
   */
  readonly maxTags?: number;
}

/**
 * How much some repositories of a registry may hold together.
 *
 * @example
 * import { PrivateRegistry, PublicEndpoint, RepositoryQuota } from "cdktf-docker-registry";
 *
 * new PrivateRegistry(stack, "Default", {
 *   endpoint: PublicEndpoint.https({ host: "registry.example.com" }),
 *   registryOptions: { quotas: [RepositoryQuota.of("team-a/**", { maxMiB: 20480, maxTags: 500 })] },
 * });
 */
export class RepositoryQuota {
  /**
   * A quota of all repositories that a pattern covers, together.
   *
   * @param repositories such as `"team-a/**"`, as the patterns of `Permission`
   * @throws when the pattern fits no repository, when no limit is given, or when one is not a whole number of at least 1
   */
  public static of(repositories: string, limits: RepositoryQuotaLimits): RepositoryQuota {
    requireRepositoryPattern("RepositoryQuota.of", repositories);
    const { maxMiB, maxTags } = limits;
    if (maxMiB === undefined && maxTags === undefined) {
      throw invalidInput({
        where: "RepositoryQuota.of",
        field: "limits",
        got: limits,
        expected: "maxMiB, maxTags or both",
        fix: "write { maxMiB: 20 * 1024 }, or leave the quota out",
      });
    }
    const range = { min: 1, max: 1024 * 1024 * 1024 };
    for (const [field, got, example] of [
      ["maxMiB", maxMiB, 20480],
      ["maxTags", maxTags, 500],
    ] as const) {
      requireWholeNumber("RepositoryQuota.of", field, got, { ...range, example });
    }
    return new RepositoryQuota(repositories, maxMiB, maxTags);
  }

  private constructor(
    /** The pattern. */
    public readonly repositories: string,
    /** The most MiB. */
    public readonly maxMiB?: number,
    /** The most tags. */
    public readonly maxTags?: number,
  ) {}
}
