/** Where Redis puts its socket, for registries that can use one. */
export const REDIS_SOCKET = "/run/redis/redis.sock";

export const REDIS_PORT = 6379;

export interface RedisConfig {
  readonly password: string;
  readonly maxMemoryMiB: number;
  readonly maxClients: number;
  /** Seconds between snapshots; without them everything is forgotten at a restart. */
  readonly snapshotSeconds?: number;
  /** Whether somebody without the password may ask for its figures. */
  readonly tellsFigures?: boolean;
}

/** A user of Redis that needs no password and may ask for its figures, and for nothing else. */
export const FIGURES_USER = "figures";

/** The text of redis.conf. */
export function renderRedisConfig(config: RedisConfig): string {
  const persistence = config.snapshotSeconds
    ? [
        `# What is known outlives a restart, written every ${config.snapshotSeconds} s.`,
        `save ${config.snapshotSeconds} 1`,
        "dir /data",
      ]
    : ["# Everything in here can be learnt again from the storage: nothing is written to a disk.", 'save ""'];
  return [
    "# Rendered by cdktf-docker-registry: a change made here is lost at the next deploy.",
    `port ${REDIS_PORT}`,
    `unixsocket ${REDIS_SOCKET}`,
    "unixsocketperm 700",
    `requirepass ${config.password}`,
    ...(config.tellsFigures
      ? [
          "# For the endpoint of the metrics, which is not to know the password.",
          `user ${FIGURES_USER} on nopass resetkeys resetchannels -@all +info`,
        ]
      : []),
    `maxclients ${config.maxClients}`,
    "",
    "# A full cache forgets what was not asked for longest; it never refuses, and never grows.",
    `maxmemory ${config.maxMemoryMiB}mb`,
    "maxmemory-policy allkeys-lru",
    "",
    ...persistence,
    "appendonly no",
    "",
  ].join("\n");
}
