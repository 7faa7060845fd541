import type { Container } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import { Network } from "@cdktf/provider-docker/lib/network";
import { Password } from "@cdktf/provider-random/lib/password";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { defaultName } from "../core/names";
import { terraformText } from "../core/terraform-text";
import { CONFIG_FOLDER, ConfigVolume } from "../docker/config-volume";
import { warnAboutMovingTag } from "../docker/image-reference";
import { serviceContainer, stopGraceSeconds } from "../docker/service-container";
import { MetricsDoor } from "../metrics/metrics-endpoint";
import type { IRegistryUsers, RegistryBinding } from "./binding";
import { type IRegistryBlobs, VolumeBlobs } from "./blobs";
import { registryCheck } from "./check";
import { mergeRegistryConfig, renderRegistryConfig } from "./config";
import { pushersOfPullOnly } from "./pull-only";
import type { IRegistry, RegistryUpstream } from "./registry";
import type { RegistryContainerProps } from "./registry-container-props";
import { RegistryImage } from "./registry-image";
import { RegistryListener } from "./registry-listener";
import { RegistryStorage } from "./registry-storage";
import { registryHealthCommand, registryRunner } from "./runner";
import { bindMetrics } from "./settings/metrics";
import { bindSettings } from "./settings/settings";

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
