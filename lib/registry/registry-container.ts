import type { Container } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import { Network } from "@cdktf/provider-docker/lib/network";
import { Password } from "@cdktf/provider-random/lib/password";
import { Lazy } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { defaultName } from "../core/names";
import { terraformText } from "../core/terraform-text";
import { CONFIG_FOLDER, ConfigVolume } from "../docker/config-volume";
import { warnAboutMovingTag } from "../docker/image-reference";
import { type ServiceContainerProps, serviceContainer, stopGraceSeconds } from "../docker/service-container";
import { MetricsDoor } from "../metrics/metrics-endpoint";
import type { IRegistryAuth, IRegistryCache, IRegistryPart, IRegistryUsers, RegistryBinding } from "./binding";
import { type IRegistryBlobs, VolumeBlobs } from "./blobs";
import { registryCheck } from "./check";
import { mergeRegistryConfig, renderRegistryConfig } from "./config";
import { pushersOfPullOnly } from "./pull-only";
import { RegistryImage } from "./registry-image";
import { RegistryListener, type RegistryUpstream } from "./registry-listener";
import { RegistryStorage } from "./registry-storage";
import { registryHealthCommand, registryRunner } from "./runner";
import type { RegistryHealth } from "./settings/health";
import type { RegistryHttpProps } from "./settings/http";
import type { RegistryLog } from "./settings/log";
import type { ManifestValidation } from "./settings/manifest-validation";
import { bindMetrics, type RegistryMetrics } from "./settings/metrics";
import type { NotificationEndpoint } from "./settings/notifications";
import { bindSettings } from "./settings/settings";
import type { RegistryTracing } from "./settings/tracing";
import type { UploadPurging } from "./settings/upload-purging";

/** A registry that a proxy can stand in front of. */
export interface IRegistry extends IConstruct {
  /** How a proxy reaches it. */
  readonly upstream: RegistryUpstream;

  /**
   * Who sends its blobs.
   *
   * @default - the registry, because they are not files that a proxy could send
   */
  readonly blobs?: IRegistryBlobs;

  /**
   * Users whose passwords it checks by itself.
   *
   * @default - it asks for no password
   */
  readonly users?: IRegistryUsers;

  /** Whether nobody can push to it, as to a mirror. */
  readonly pullOnly: boolean;
}

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
   * What must be well for the registry to be.
   *
   * @default - the storage
   */
  readonly health?: RegistryHealth;

  /**
   * Metrics for Prometheus, behind a door of their own.
   *
   * @default - none
   */
  readonly metrics?: RegistryMetrics;

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
   * @default - a network of its own with a way out, where a setting needs one
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
   * storages other than a volume, memory and S3.
   *
   * @default - none
   * @see https://distribution.github.io/distribution/about/configuration/
   */
  readonly configOverrides?: { readonly [key: string]: any };
}

/**
 * A registry (distribution) that publishes nothing by itself: put an `NginxProxy` in front of it.
 *
 * It runs as an unprivileged user on a read-only root file system, without capabilities and,
 * on its default listener, without a network.
 *
 * A changed configuration is tried and then taken over by a new process in the same container; a broken one never is.
 * On its default listener no request fails meanwhile.
 */
export class RegistryContainer extends Construct implements IRegistry {
  /** The container. */
  public readonly resource: Container;

  /** The image that the container runs. */
  public readonly image: Image;

  /** The volume with config.yml. */
  public readonly config: ConfigVolume;

  /** Where Prometheus finds the metrics, if they are wanted. */
  public readonly metricsDoor?: MetricsDoor;

  public readonly upstream: RegistryUpstream;

  public readonly blobs?: IRegistryBlobs;

  public readonly users?: IRegistryUsers;

  constructor(scope: Construct, id: string, props: RegistryContainerProps = {}) {
    super(scope, id);
    const image = props.image ?? RegistryImage.V3;
    warnAboutMovingTag(this, image.reference);
    this.image = new Image(this, "Image", { name: image.reference, keepLocally: true });
    const httpSecret = new Password(this, "HttpSecret", { length: 48, special: false }).result;

    const name = props.containerName ?? defaultName(this);
    const listener = (props.listener ?? RegistryListener.unixSocket()).bind(this, name);
    this.upstream = listener.upstream;
    const metrics = bindMetrics(this, name, props.metrics);
    const parts: RegistryBinding[] = [
      ...bindSettings(this, props, image.majorVersion),
      metrics.registry,
      { config: { http: { secret: httpSecret } }, secrets: [httpSecret] },
      listener.registry,
      (props.storage ?? RegistryStorage.filesystem()).bind(this, image.majorVersion),
      ...(props.auth ? [props.auth.bindToRegistry(this, this.image.imageId)] : []),
      ...(props.cache ? [props.cache.bindToRegistry(this, image.majorVersion)] : []),
      ...(props.parts ?? []).map((part) => part.bindToRegistry(this, image.majorVersion)),
    ];
    const volume = parts.find((part) => part.blobVolume)?.blobVolume;
    const overrides = { config: props.configOverrides ?? {} };
    const config = mergeRegistryConfig([...parts, overrides].map((part) => part.config));
    const blobs = volume && new VolumeBlobs(volume, Object.keys(config.http?.headers ?? {}).sort());
    this.blobs = blobs;
    this.users = parts.find((part) => part.users)?.users;
    this.node.addValidation({ validate: () => pushersOfPullOnly(this, this.users) });

    const environment = parts.flatMap((part) => part.environment ?? []);
    const mounts = parts.flatMap((part) => part.mounts ?? []);
    const folders = mounts.map(({ containerPath }) => containerPath);
    this.config = new ConfigVolume(this, "Config", {
      imageId: this.image.imageId,
      check: registryCheck(config, folders),
      checkEnvironment: environment,
    });
    const fragments = () => [...parts, ...(blobs ? [blobs.binding] : []), overrides].map((part) => part.config);
    const secrets = parts.flatMap((part) => part.secrets ?? []);
    const text = (hidden: string[]) =>
      Lazy.stringValue({ produce: () => terraformText(renderRegistryConfig(fragments(), hidden)) });
    // Late: a proxy that is made after the registry may take over the sending of blobs.
    this.config.addSecretFile("config.yml", text([]), text(secrets));
    for (const file of parts.flatMap((part) => part.files ?? [])) {
      this.config.addSecretFile(file.path, file.content);
    }
    for (const volumeName of parts.flatMap((part) => part.ownedVolumeNames ?? [])) {
      this.config.handOver(volumeName);
    }

    this.resource = serviceContainer(this, props, {
      imageId: this.image.imageId,
      entrypoint: ["/bin/sh", "-c"],
      command: [registryRunner({ config, stopGraceSeconds: stopGraceSeconds(props) })],
      environment,
      tmpfs: { "/tmp": "size=1m,mode=1777" },
      mounts: [this.config.mountAt(CONFIG_FOLDER), ...mounts],
      networkNames: [...parts.flatMap((part) => part.networkNames ?? []), ...this.wayOut(props, parts)],
      healthCommand: registryHealthCommand(config),
      dependsOn: [this.config.writer, ...parts.flatMap((part) => part.dependsOn ?? [])],
      replacedWith: parts.flatMap((part) => part.restartedBy ?? []),
    });
    if (metrics.door) {
      this.metricsDoor = new MetricsDoor(this, "MetricsDoor", { ...metrics.door, registry: this.resource });
    }
  }

  /** Whether nobody can push to it. */
  public get pullOnly(): boolean {
    return false;
  }

  /** The registry has no way out until a part needs one. */
  private wayOut(props: RegistryContainerProps, parts: RegistryBinding[]): string[] {
    if (props.networkNames !== undefined || !parts.some((part) => part.reachesOut)) {
      return props.networkNames ?? [];
    }
    return [new Network(this, "Outbound", { name: `${defaultName(this)}-outbound` }).name];
  }
}
