import type { IConstruct } from "constructs";
import { invalidInput } from "../core/errors";
import { EXECUTABLES } from "../docker/config-volume";
import type { ConfigFragment } from "./config-yml";
import type { IRegistryPart, RegistryBinding } from "./registry-part";
import { ROOT_DIRECTORY } from "./registry-storage";

/** Deletes what no image needs: a part of the registry that its runner runs. */
export interface IRegistryMaintenance extends IRegistryPart {}

/** The script that the runner starts; it answers to `schedule` and `recover`. */
export const MAINTAIN = `${EXECUTABLES}/maintain`;

/** The script of a task that collects for several registries, which has it under the name of the other. */
export const COLLECT = `${EXECUTABLES}/collect`;

/** Name of the service that does so for a service of registries. */
export const collectorOf = (registry: string): string => `${registry.replace(/-registry$/, "")}-collector`;

/** A script of the cache's: empties it and ends with 0 when that is sure. Its argument is a word that is new each time. */
export const FORGET_CACHE = `${EXECUTABLES}/forget-cache`;

/** Where the runner and that script talk to each other: in memory, and empty after each start of the container. */
export const MAINTENANCE_IPC = "/tmp";

/** Files beside config.yml that the runner can switch to, and what is different in them. */
export const CONFIG_VARIANTS: { readonly [file: string]: ConfigFragment } = {
  // Its cache is its own and empty, so that nothing is remembered of what goes.
  "read-only.yml": {
    storage: {
      cache: { blobdescriptor: "inmemory" },
      maintenance: { readonly: { enabled: true }, uploadpurging: { enabled: false } },
    },
  },
  "uncached.yml": { storage: { cache: { blobdescriptor: "inmemory" } } },
};

/**
 * What the runner waits for when maintenance asks for another file: it never cuts a transfer. The engine and the
 * replacement of a configuration wait no longer than before.
 */
export const MAINTENANCE_DRAIN: ConfigFragment = { http: { draintimeout: "1h" } };

/** Where a collection would lose something, or nothing is to be collected. */
export function requireMaintainable(
  where: IConstruct,
  config: { readonly [key: string]: any },
  parts: RegistryBinding[],
  isReplicated: boolean,
): void {
  const refuse = (got: unknown, expected: string, fix: string) => {
    throw invalidInput({ where, field: "maintenance", got, expected, fix });
  };
  if (config.proxy) {
    refuse("a garbage collection", "none for a mirror, whose copies go by themselves", "leave it out");
  }
  if (!config.storage?.filesystem && !config.storage?.s3) {
    refuse(
      `a garbage collection on ${config.storage?.inmemory ? "a storage in memory" : "another storage than a volume or S3"}`,
      "a storage in a volume or in a bucket of S3",
      "take RegistryStorage.filesystem() or RegistryStorage.s3(), or leave maintenance out",
    );
  }
  const root = config.storage?.filesystem?.rootdirectory ?? ROOT_DIRECTORY;
  if (root !== ROOT_DIRECTORY) {
    refuse(`a garbage collection of ${root}`, `the data in ${ROOT_DIRECTORY}`, "leave storage out of configOverrides");
  }
  if (config.storage?.maintenance?.readonly?.enabled) {
    refuse("a garbage collection", "none where readOnly is set", "leave one of the two out");
  }
  const adds = (file: string) => parts.some(({ files }) => files?.some(({ path }) => path === file));
  if (isReplicated && !adds(COLLECT)) {
    refuse(
      "a maintenance that knows of one registry only",
      "one that collects for several",
      `take GarbageCollection.of(), or let your part add the file "${COLLECT}"`,
    );
  }
  if (config.storage?.cache?.blobdescriptor === "redis" && !adds(FORGET_CACHE)) {
    refuse(
      "a garbage collection with a cache that cannot be told to forget",
      "a RedisCache or an ExistingRedis",
      `take one of them, or let your part add the file "${FORGET_CACHE}"`,
    );
  }
}
