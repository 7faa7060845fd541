import type { ConfigFile } from "../docker/config-volume";
import type { VolumeDescription } from "../docker/owned-resources";
import type { VolumeMount } from "../docker/service-container";

/** What a target may want to know of the backup that it is bound to. */
export interface BackupContext {
  /** Name of the volume that is backed up. */
  readonly dataVolumeName: string;
}

/** What a target adds to the container that takes the backups. */
export interface BackupTargetBinding {
  /** The repository, as restic takes it. */
  readonly repository: string;

  /**
   * Options of restic, a word each.
   *
   * @default - none
   */
  readonly options?: string[];

  /**
   * Environment of restic that is not secret.
   *
   * @default - none
   */
  readonly environment?: { readonly [name: string]: string };

  /**
   * Environment of restic that is read from a file of `files`, by name.
   *
   * @default - none
   */
  readonly secretEnvironment?: { readonly [name: string]: string };

  /**
   * Files in the container's folder of configuration, such as keys.
   *
   * @default - none
   */
  readonly files?: ConfigFile[];

  /**
   * Volumes of the target's own; the backup creates them.
   *
   * @default - none
   */
  readonly volumes?: VolumeDescription[];

  /**
   * Volumes that the container mounts.
   *
   * @default - none
   */
  readonly mounts?: VolumeMount[];

  /**
   * Names of mounted volumes that must belong to the container's user.
   *
   * @default - none
   */
  readonly ownedVolumeNames?: string[];

  /**
   * Networks that the container joins.
   *
   * @default - none
   */
  readonly networkNames?: string[];

  /**
   * Whether the container needs outbound access: it then gets a network for that, unless `networkNames` says more.
   *
   * @default false
   */
  readonly reachesOut?: boolean;

  /**
   * Whether a program of it looks its user up in `/etc/passwd`, where images do not have the library's.
   *
   * @default false
   */
  readonly needsUserName?: boolean;

  /**
   * Programs that the image must have for it.
   *
   * @default - none
   */
  readonly requiredCommands?: string[];
}
