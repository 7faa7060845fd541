import type { VolumeMount } from "../docker/service-container";

/** Id of the volume in which a registry tells what it can do at the moment. */
export const STATUS_VOLUME = "Status";

/** Where it is mounted, in the registry and in its proxy. */
export const STATUS_FOLDER = "/run/status";

/** Exists while nobody may write: the proxy holds requests that would. */
export const WINDOW = "window";

/** Exists while the registry must run without its cache, which may remember what is gone. */
export const CACHE_NOT_FORGOTTEN = "cache-not-forgotten";

/** Exists while less of the disk is free than the reserve, and says so in words: the proxy refuses what brings data. */
export const DISK_LOW = "disk-low";

/** Exists while not even half of the reserve is free: the proxy refuses whatever is written. */
export const DISK_FULL = "disk-full";

/** Files for Prometheus. */
export const STATUS_METRICS = { disk: "disk.prom", maintenance: "maintenance.prom" };

/** Shell command that shows why pushes are refused, if they are. */
export const SHOW_DISK_LOW = `{ cat ${STATUS_FOLDER}/${DISK_LOW} 2>/dev/null || :; }`;

/** What a registry tells its proxy, by files in a volume that it writes and the proxy reads. */
export interface RegistryStatus {
  /** The volume, for the proxy to mount. */
  readonly mount: VolumeMount;

  /**
   * Whether there are times at which nobody may write: the proxy holds requests that would.
   *
   * @default true
   */
  readonly hasWindows?: boolean;

  /**
   * Whether pushes are refused while the disk has less room than its reserve.
   *
   * @default false
   */
  readonly hasDiskReserve?: boolean;
}
