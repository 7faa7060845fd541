import { Token } from "cdktf";
import type { IConstruct } from "constructs";
import { invalidInput } from "../core/errors";
import type { VolumeMount } from "../docker/service-container";
import { OneProxy } from "./one-proxy";
import type { RepositoryQuota } from "./repository-quota";

/** The quotas of a registry, for the proxy that sees to them. */
export interface IRepositoryQuotas {
  /** All of them that cover a repository hold for it. */
  readonly quotas: RepositoryQuota[];

  /** The registry's data, for the proxy to mount: what is used is counted in it. */
  readonly data: VolumeMount;

  /**
   * Leaves them to the proxy that calls it. There can be one only, as it adds up what is being pushed.
   *
   * @param proxy path of the proxy, for messages
   */
  guardByProxy(proxy: string): void;
}

/** Quotas, and the proxy that sees to them. */
class GuardedQuotas implements IRepositoryQuotas {
  public readonly proxy = new OneProxy("quotas", "two proxies do not see each other's pushes");

  constructor(
    public readonly quotas: RepositoryQuota[],
    public readonly data: VolumeMount,
  ) {}

  public guardByProxy(proxy: string): void {
    this.proxy.add(proxy);
  }
}

/**
 * The quotas that the props name, if there are any.
 *
 * @param volume the data, where it lies in a volume
 * @param isPulledOnly whether nobody can push
 */
export function guardedQuotas(
  where: IConstruct,
  quotas: RepositoryQuota[] | undefined,
  volume: VolumeMount | undefined,
  isPulledOnly: boolean,
): IRepositoryQuotas | undefined {
  if (quotas === undefined || quotas.length === 0) {
    return undefined;
  }
  if (!volume || isPulledOnly) {
    throw invalidInput({
      where,
      field: "quotas",
      got: isPulledOnly ? "quotas of a mirror" : "quotas of a storage that is not in a volume",
      expected: isPulledOnly
        ? "none, because pulls fill a mirror and there are no pushes to refuse"
        : "those of RegistryStorage.filesystem(), whose files tell how much is used",
      fix: isPulledOnly
        ? "leave quotas out; upstream.ttlHours says how long copies stay"
        : "leave quotas out; a bucket's provider may have a quota of the bucket",
    });
  }
  quotas.forEach(({ repositories }, i) => {
    if (!Token.isUnresolved(repositories) && quotas.findIndex((quota) => quota.repositories === repositories) < i) {
      throw invalidInput({
        where,
        field: `quotas[${i}]`,
        got: repositories,
        expected: "a pattern that no other quota has: of two, the lower one would hold",
        fix: "write one quota with both limits",
      });
    }
  });
  const guard = new GuardedQuotas(quotas, { ...volume, readOnly: true });
  where.node.addValidation({ validate: () => guard.proxy.validate(where) });
  return guard;
}
