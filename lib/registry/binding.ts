import type { ITerraformDependable, TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import type { ConfigFile } from "../docker/config-volume";
import type { VolumeMount } from "../docker/service-container";

/** What a part (listener, storage, users, cache) adds to the registry that it is bound to. */
export interface RegistryBinding {
  /** Keys of config.yml, nested as the registry documents them. */
  readonly config: { readonly [key: string]: any };

  /**
   * Values within `config` that no plan may show.
   *
   * @default - none
   */
  readonly secrets?: string[];

  /**
   * Files beside config.yml, in `/config/current`; when they change, so does the registry's process.
   *
   * @default - none
   */
  readonly files?: ConfigFile[];

  /**
   * Volumes that the registry mounts.
   *
   * @default - none
   */
  readonly mounts?: VolumeMount[];

  /**
   * The mounted volume that holds each blob as a file, so that a proxy can send it by itself.
   *
   * @default - blobs are not files of this machine
   */
  readonly blobVolume?: VolumeMount;

  /**
   * Names of mounted volumes that must belong to the registry's user.
   *
   * @default - none
   */
  readonly ownedVolumeNames?: string[];

  /**
   * Networks that the registry joins.
   *
   * @default - none
   */
  readonly networkNames?: string[];

  /**
   * Whether the registry must reach something that is none of the library's own: it then gets a network with a way out,
   * unless its user names one.
   *
   * @default false
   */
  readonly reachesOut?: boolean;

  /**
   * Environment of the registry, `NAME=value` each; never a secret, as `docker inspect` shows it.
   *
   * @default - none
   */
  readonly environment?: string[];

  /**
   * What must exist before the registry starts.
   *
   * @default - nothing
   */
  readonly dependsOn?: ITerraformDependable[];

  /**
   * Resources whose replacement replaces the registry's container, because it reads what they hold only at its start.
   * Files need none: a new process is started for them.
   *
   * @default - none
   */
  readonly restartedBy?: TerraformResource[];

  /**
   * Users whose passwords the registry checks; who of them may push is left to the proxy.
   *
   * @default - the registry asks for no password
   */
  readonly users?: IRegistryUsers;
}

/** Users of a registry, as its proxy knows them. */
export interface IRegistryUsers {
  /** Name of what they log in to. */
  readonly realm: string;
  /** Names of those who may pull and push. */
  readonly pushUsers: string[];
  /** Names of those who may only pull. */
  readonly pullUsers: string[];
}

/** Whoever decides at the registry who may use it. */
export interface IRegistryAuth {
  /**
   * Adds the check to a registry.
   *
   * @param registry the registry
   * @param imageId the registry's image, for a ConfigVolume of the check's own
   */
  bindToRegistry(registry: Construct, imageId: string): RegistryBinding;
}

/** A part of a registry that adds to its configuration, mounts and networks. */
export interface IRegistryPart {
  /**
   * Adds the part to a registry.
   *
   * @param registry the registry
   * @param majorVersion the version whose config.yml is rendered, 2 or 3
   */
  bindToRegistry(registry: Construct, majorVersion: number): RegistryBinding;
}

/** A cache that a registry keeps what it knows of its blobs in. */
export interface IRegistryCache {
  /**
   * Adds the cache to a registry.
   *
   * @param registry the registry
   * @param majorVersion the version whose config.yml is rendered, 2 or 3
   */
  bindToRegistry(registry: Construct, majorVersion: number): RegistryBinding;
}
