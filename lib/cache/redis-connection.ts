import type { IConstruct } from "constructs";
import { requireWholeNumber } from "../core/validation";

/** How a registry keeps its connections to a Redis. */
export interface RedisConnection {
  /**
   * The number of the database, which must be this cache's alone: garbage collection empties it.
   *
   * @default 0
   */
  readonly database?: number;

  /**
   * How long a connection may take to be made, in milliseconds. See `readTimeoutMs`.
   *
   * @default - 5 for version 3 and 2 for version 2; for an `ExistingRedis`, which may be farther away, 10 and 5
   */
  readonly dialTimeoutMs?: number;

  /**
   * How long Redis may take to answer, in milliseconds.
   *
   * A Redis that hangs costs each request up to ten of these with version 3 and twenty with version 2, and a pull
   * of 20 layers makes 22 requests, four at a time. To a read, an answer that comes too late costs a look at the
   * storage. A delete fails with 500 and deletes nothing; `NginxProxy` repeats it, clients without the proxy have to.
   *
   * @default - 5 for version 3 and 2 for version 2; for an `ExistingRedis`, which may be farther away, 10 and 5
   */
  readonly readTimeoutMs?: number;

  /**
   * How long Redis may take to accept a command, in milliseconds. See `readTimeoutMs`.
   *
   * @default - 5 for version 3 and 2 for version 2; for an `ExistingRedis`, which may be farther away, 10 and 5
   */
  readonly writeTimeoutMs?: number;

  /**
   * Connections that are kept open while nothing needs them.
   *
   * @default 16
   */
  readonly maxIdleConnections?: number;

  /**
   * Connections at one time; with none left a registry of version 2 goes on without the cache.
   *
   * @default 64
   */
  readonly maxActiveConnections?: number;

  /**
   * Seconds after which a connection that nothing needs is closed.
   *
   * @default 300
   */
  readonly idleTimeoutSeconds?: number;
}

export function requireRedisConnection(where: IConstruct, connection: RedisConnection): void {
  const ms = { min: 1, max: 60_000, example: 10 };
  requireWholeNumber(where, "database", connection.database, { min: 0, max: 15, example: 0 });
  requireWholeNumber(where, "dialTimeoutMs", connection.dialTimeoutMs, ms);
  requireWholeNumber(where, "readTimeoutMs", connection.readTimeoutMs, ms);
  requireWholeNumber(where, "writeTimeoutMs", connection.writeTimeoutMs, ms);
  const connections = { min: 1, max: 10_000, example: 64 };
  requireWholeNumber(where, "maxIdleConnections", connection.maxIdleConnections, connections);
  requireWholeNumber(where, "maxActiveConnections", connection.maxActiveConnections, connections);
  requireWholeNumber(where, "idleTimeoutSeconds", connection.idleTimeoutSeconds, { min: 1, max: 86_400, example: 300 });
}

/**
 * Milliseconds that a pull can wait for Redis. On a machine with more to do than it can, a healthy Redis is late now and
 * then: with eight busy loops on two cores up to 8 in 100 deletes failed. The proxy makes up for that.
 */
export interface RedisPatience {
  readonly version2: number;
  readonly version3: number;
}

/** A network between them takes its time; a pull of 20 layers takes about 0.6 s while such a Redis hangs. */
export const REMOTE_PATIENCE: RedisPatience = { version2: 5, version3: 10 };

/** The block `redis` of config.yml for the registry's version. */
export function redisConnection(redis: {
  readonly address: string;
  readonly patience: RedisPatience;
  readonly password?: string;
  readonly majorVersion: number;
  readonly connection: RedisConnection;
}): object {
  const { connection, majorVersion } = redis;
  const defaultTimeoutMs = majorVersion >= 3 ? redis.patience.version3 : redis.patience.version2;
  const common = {
    ...(redis.password ? { password: redis.password } : {}),
    db: connection.database ?? 0,
    dialtimeout: `${connection.dialTimeoutMs ?? defaultTimeoutMs}ms`,
    readtimeout: `${connection.readTimeoutMs ?? defaultTimeoutMs}ms`,
    writetimeout: `${connection.writeTimeoutMs ?? defaultTimeoutMs}ms`,
  };
  const idle = connection.maxIdleConnections ?? 16;
  const active = connection.maxActiveConnections ?? 64;
  const idleTimeout = `${connection.idleTimeoutSeconds ?? 300}s`;
  if (majorVersion >= 3) {
    return {
      addrs: [redis.address],
      ...common,
      // One try: the storage answers sooner than the second.
      maxretries: -1,
      poolsize: active,
      pooltimeout: common.readtimeout,
      maxidleconns: idle,
      connmaxidletime: idleTimeout,
    };
  }
  return {
    addr: redis.address,
    ...common,
    pool: { maxidle: idle, maxactive: active, idletimeout: idleTimeout },
  };
}
