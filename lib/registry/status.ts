import type { VolumeMount } from "../docker/service-container";

/** Id of the volume in which a registry tells what it can do at the moment. */
export const STATUS_VOLUME = "Status";

/** Where it is mounted, in the registry and in its proxy. */
export const STATUS_FOLDER = "/run/status";

/** Exists while nobody may write: the proxy holds requests that would. */
export const WINDOW = "window";

/** Exists while the registry must run without its cache, which may remember what is gone. */
export const CACHE_NOT_FORGOTTEN = "cache-not-forgotten";

/** What a registry tells its proxy, by files in a volume that it writes and the proxy reads. */
export interface RegistryStatus {
  /** The volume, for the proxy to mount. */
  readonly mount: VolumeMount;
}
