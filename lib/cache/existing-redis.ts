import type { Construct } from "constructs";
import { requireSecret } from "../core/secrets";
import { requireAddress } from "../core/validation";
import type { IRegistryCache, RegistryBinding, RegistryContext } from "../registry/registry-part";
import { requireVersion } from "../registry/version";
import { forgettingByTcp } from "./flush-on-order";
import { REMOTE_PATIENCE, type RedisConnection, redisConnection, requireRedisConnection } from "./redis-connection";

/** A Redis that is run by somebody else. */
export interface ExistingRedisProps extends RedisConnection {
  /** `host:port`, without a scheme. */
  readonly address: string;

  /**
   * A sensitive variable, as what is written in the code is in the synth output.
   *
   * @default - it asks for none
   */
  readonly password?: string;

  /**
   * The user, where Redis knows several. Version 3 only.
   *
   * @default - Redis' default user
   */
  readonly user?: string;

  /**
   * Networks of the engine that it is reached through.
   *
   * @default - a network of the registry's own, for outbound access
   */
  readonly networkNames?: string[];
}

/**
 * A Redis that is there already, for what registries know of their blobs.
 *
 * Give it a database that nothing else uses, a memory limit and the policy `allkeys-lru`.
 *
 * @example
 * import { TerraformVariable } from "cdktf";
 * import { ExistingRedis, RegistryContainer } from "cdktf-docker-registry";
 *
 * const password = new TerraformVariable(stack, "redis", { type: "string", sensitive: true }).stringValue;
 * const cache = new ExistingRedis({ address: "redis.example.com:6379", password });
 * const registry = new RegistryContainer(stack, "Registry", { cache });
 */
export class ExistingRedis implements IRegistryCache {
  /** @throws when the address is no `host:port`, or the password is empty */
  constructor(private readonly props: ExistingRedisProps) {
    requireAddress("ExistingRedis", "address", props.address);
    requireSecret("ExistingRedis", "password", props.password);
  }

  public bindToRegistry(scope: Construct, { majorVersion, isMaintained }: RegistryContext): RegistryBinding {
    const { address, password, user, networkNames } = this.props;
    requireRedisConnection(scope, this.props);
    requireVersion(scope, majorVersion, 3, { "cache.user": user });
    const redis = redisConnection({
      address,
      password,
      majorVersion,
      patience: REMOTE_PATIENCE,
      connection: this.props,
    });
    return {
      config: {
        storage: { cache: { blobdescriptor: "redis" } },
        redis: user ? { username: user, ...redis } : redis,
      },
      secrets: password ? [password] : [],
      ...(isMaintained ? forgettingByTcp(this.props) : {}),
      ...(networkNames ? { networkNames } : { reachesOut: true }),
    };
  }
}
