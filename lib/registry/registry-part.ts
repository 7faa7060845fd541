import type { ITerraformDependable, TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import type { ConfigFile } from "../docker/config-volume";
import type { NetworkDescription, VolumeDescription } from "../docker/owned-resources";
import type { VolumeMount } from "../docker/service-container";
import type { ImmutableTags } from "./immutable-tags";
import type { MetricsSource } from "./metrics-source";
import type { RegistryRights } from "./registry-rights";

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
   * Programs that the registry's image must have for it; `"curl|wget"` is one of the two.
   *
   * @default - none
   */
  readonly requiredCommands?: string[];

  /**
   * Volumes of the part's own; the registry creates them.
   *
   * @default - none
   */
  readonly volumes?: VolumeDescription[];

  /**
   * Networks of the part's own; the registry creates them.
   *
   * @default - none
   */
  readonly networks?: NetworkDescription[];

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
   * Metrics of the part's own; asked for where the context says that they are wanted.
   *
   * @default - none
   */
  readonly metricsSources?: MetricsSource[];

  /**
   * Whether the registry needs outbound access: it then gets a network for that, unless its user names one.
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
   * Users whose passwords the registry checks. A proxy checks them before, so that wrong passwords cost the registry
   * nothing, and knows who of them may push.
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
  /** Names of those who may pull everything, and nothing else. */
  readonly pullUsers: string[];
  /** The bcrypt hash of each one's password, by name; sensitive. */
  readonly passwordHashes: { readonly [name: string]: string };
  /** The highest cost of these hashes: names that are not users' take as long to refuse. */
  readonly bcryptCost: number;
  /** Logins that a proxy checks a second for one address. */
  readonly loginsPerSecond: number;

  /**
   * Rights that are not the same for all repositories; the proxy decides them wherever passwords are checked.
   *
   * @default - none: `pushUsers` may do everything, `pullUsers` may pull everything
   */
  readonly rights?: RegistryRights;
}

/** What a part may want to know of the registry that it is bound to. */
export interface RegistryContext {
  /** The registry's image, by id: for a `ConfigVolume` of the part's own. */
  readonly imageId: string;

  /** The version whose config.yml is rendered, 2 or 3. */
  readonly majorVersion: number;

  /** Name of the registry's container, by which others on its networks reach it. */
  readonly hostName: string;

  /**
   * The volume in which the registry tells what it can do at the moment.
   *
   * @default - it has none, as it has no maintenance
   */
  readonly statusVolumeName?: string;

  /**
   * Tags that may not change or go.
   *
   * @default - none
   */
  readonly immutableTags?: ImmutableTags[];

  /**
   * Whether somebody wants to see metrics.
   *
   * @default false
   */
  readonly hasMetrics?: boolean;

  /**
   * Whether garbage is collected: a cache has to forget what goes then.
   *
   * @default false
   */
  readonly isMaintained?: boolean;

  /**
   * How many registries write to the same storage, each in a task of its own.
   *
   * @default - it is the only one
   */
  readonly replicas?: number;

  /**
   * Whether the registry keeps its data in a bucket of S3; parts that are bound before the storage are not told.
   *
   * @default false
   */
  readonly hasBucket?: boolean;
}

/** A part of a registry that adds to its configuration, mounts and networks. */
export interface IRegistryPart {
  /**
   * Adds the part to a registry.
   *
   * @param scope the registry
   * @param context what the part may want to know of it
   */
  bindToRegistry(scope: Construct, context: RegistryContext): RegistryBinding;
}

/** Users that the registry itself checks. */
export interface IRegistryAuth extends IRegistryPart {}

/** A cache that a registry keeps what it knows of its blobs in. */
export interface IRegistryCache extends IRegistryPart {}
