import type { ServiceContainerProps } from "../docker/service-container";
import type { DiskReserve } from "./disk-reserve";
import type { ImmutableTags } from "./immutable-tags";
import type { IRegistryMaintenance } from "./maintenance-part";
import type { IRegistryMetrics } from "./metrics-part";
import type { RegistryImage } from "./registry-image";
import type { RegistryListener } from "./registry-listener";
import type { IRegistryAuth, IRegistryCache, IRegistryPart } from "./registry-part";
import type { RegistryStorage } from "./registry-storage";
import type { RepositoryQuota } from "./repository-quota";
import type { RegistryHealth } from "./settings/health";
import type { RegistryHttpProps } from "./settings/http";
import type { RegistryLog } from "./settings/log";
import type { ManifestValidation } from "./settings/manifest-validation";
import type { NotificationEndpoint } from "./settings/notifications";
import type { RegistryTracing } from "./settings/tracing";
import type { UploadPurging } from "./settings/upload-purging";

/** The distribution registry in a container of its own. */
export interface RegistryContainerProps extends ServiceContainerProps, RegistryHttpProps {
  /**
   * The registry's image and the version of its configuration.
   *
   * @default RegistryImage.V3
   */
  readonly image?: RegistryImage;

  /**
   * Where the registry takes requests.
   *
   * @default RegistryListener.unixSocket()
   */
  readonly listener?: RegistryListener;

  /**
   * Where manifests and blobs are kept.
   *
   * @default RegistryStorage.filesystem() - a volume that Terraform refuses to destroy
   */
  readonly storage?: RegistryStorage;

  /**
   * Who may use the registry, checked by the registry itself; a proxy can check instead.
   *
   * @default - everybody who reaches it
   */
  readonly auth?: IRegistryAuth;

  /**
   * Where the registry keeps what it knows of its blobs.
   *
   * @default - its own memory
   */
  readonly cache?: IRegistryCache;

  /**
   * Whether clients may delete manifests and blobs.
   *
   * @default false: DELETE is answered with 405
   */
  readonly deleteEnabled?: boolean;

  /**
   * Whether every push and delete is refused, as for garbage collection or a move of the data.
   * The container is replaced for it: when the deploy has ended, so has the last upload.
   *
   * @default false
   */
  readonly readOnly?: boolean;

  /**
   * What becomes of uploads that were begun and never finished.
   *
   * @default - removed after a week
   */
  readonly uploadPurging?: UploadPurging;

  /**
   * What deletes data that no image needs, such as `GarbageCollection.of()`.
   *
   * @default - nothing: the storage only grows
   */
  readonly maintenance?: IRegistryMaintenance;

  /**
   * How much of the disk with the data stays free: below it the proxy refuses pushes, and pulls go on. Only for a storage in
   * a volume.
   *
   * @default - 512 MiB, or 5 % of the disk where that is less
   */
  readonly diskReserve?: DiskReserve;

  /**
   * Tags that never change once they are there, such as `[{ tags: ["v*"] }]`: the proxy refuses a push of something else
   * over them, and deletes of them and of what they need; retention leaves them. It needs an nginx with njs, and is
   * the only one in front of this storage.
   *
   * @default - none: a push moves any tag
   */
  readonly immutableTags?: ImmutableTags[];

  /**
   * How much repositories may hold, such as `[RepositoryQuota.of("team-a/**", { maxMiB: 20 * 1024 })]`: the proxy refuses a push
   * that would exceed one of them; pulls and deletes go on. Only for a storage in a volume. It needs an nginx with njs, and
   * is the only one in front of this storage.
   *
   * @default - no quotas
   */
  readonly quotas?: RepositoryQuota[];

  /**
   * What is logged.
   *
   * @default - warnings and errors, as text
   */
  readonly log?: RegistryLog;

  /**
   * Receivers that are told of each push, pull and delete.
   *
   * @default - none
   */
  readonly notifications?: NotificationEndpoint[];

  /**
   * Whether receivers are also told what a pushed manifest refers to.
   *
   * @default false
   */
  readonly notifyReferences?: boolean;

  /**
   * Checks that must pass; otherwise every request gets 503.
   *
   * @default - the storage
   */
  readonly health?: RegistryHealth;

  /**
   * Metrics for Prometheus, such as `RegistryMetrics.prometheus()`.
   *
   * @default - none
   */
  readonly metrics?: IRegistryMetrics;

  /**
   * What a pushed manifest must be like.
   *
   * @default - complete, and without URLs of foreign layers
   */
  readonly manifestValidation?: ManifestValidation;

  /**
   * Traces of requests. Version 3 only.
   *
   * @default - none
   */
  readonly tracing?: RegistryTracing;

  /**
   * The most repositories in one answer of the catalog.
   *
   * @default 1000
   */
  readonly catalogLimit?: number;

  /**
   * The most tags in one answer of a repository's list. Version 3 only.
   *
   * @default 1000
   */
  readonly tagListLimit?: number;

  /**
   * How many tags are looked at side by side when one is deleted. Version 3 only.
   *
   * @default - the number of cores
   */
  readonly tagLookupConcurrency?: number;

  /**
   * Whether manifests of Docker before 1.10 can be pulled. Version 2 only.
   *
   * @default false
   */
  readonly schema1Enabled?: boolean;

  /**
   * Classes of content that repositories may hold, by the media type of their manifests: `image`, `plugin`.
   *
   * @default - all
   */
  readonly repositoryClasses?: string[];

  /**
   * CA certificates that the registry trusts beside those of its image, in PEM: of receivers, of S3, of an upstream.
   *
   * @default - none
   */
  readonly trustedCaPem?: string;

  /**
   * Networks that the registry joins to reach what its settings name: receivers, S3, an upstream.
   *
   * @default - a network of its own where a setting needs outbound access
   */
  readonly networkNames?: string[];

  /**
   * Parts of your own, bound after all others.
   *
   * @default - none
   */
  readonly parts?: IRegistryPart[];

  /**
   * Keys of config.yml that no prop stands for, nested as the registry documents them; they win over all others.
   * The registry tries them before they are taken over, but for what takes a network: a mirror's upstream, and
   * storages other than a volume, memory and S3. No place for a secret: plans show them.
   *
   * @default - none
   * @see https://distribution.github.io/distribution/about/configuration/
   */
  readonly configOverrides?: { readonly [key: string]: any };
}
