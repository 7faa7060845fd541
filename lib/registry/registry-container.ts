import type { Container } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import type { Network } from "@cdktf/provider-docker/lib/network";
import type { Volume } from "@cdktf/provider-docker/lib/volume";
import { Password } from "@cdktf/provider-random/lib/password";
import { Construct } from "constructs";
import { defaultName } from "../core/names";
import { requireProvider } from "../core/provider-versions";
import { CONFIG_FOLDER, ConfigVolume } from "../docker/config-volume";
import { warnAboutMovingTag } from "../docker/image-reference";
import { createVolume, OwnedResources } from "../docker/owned-resources";
import { serviceContainer, stopGraceSeconds } from "../docker/service-container";
import { assembleRegistry, bindParts } from "./assembly";
import type { IRegistryBlobs } from "./blobs";
import { guardedTags, type IImmutableTags } from "./immutable-tags";
import type { IMetricsEndpoint } from "./metrics-part";
import { guardedQuotas, type IRepositoryQuotas } from "./quotas";
import type { IRegistry, RegistryUpstream } from "./registry";
import type { RegistryContainerProps } from "./registry-container-props";
import { RegistryImage, warnAboutTagDeletes } from "./registry-image";
import { SOCKET_VOLUME } from "./registry-listener";
import type { IRegistryUsers, RegistryBinding } from "./registry-part";
import { DATA } from "./registry-storage";
import { REGISTRY_COMMANDS, takeOverSeconds } from "./runner";
import { type RegistryStatus, STATUS_FOLDER, STATUS_VOLUME } from "./status";

/**
 * A registry (distribution) that publishes nothing by itself: put an `NginxProxy` in front of it.
 *
 * It runs as an unprivileged user on a read-only root file system, without capabilities and,
 * on its default listener, without a network.
 *
 * A changed configuration is tried and then taken over by a new process in the same container; a broken one never is.
 * On its default listener no request fails meanwhile.
 *
 * @example
 * import { NginxProxy, PublicEndpoint, RegistryContainer, RegistryStorage } from "cdktf-docker-registry";
 *
 * const registry = new RegistryContainer(stack, "Registry", {
 *   storage: RegistryStorage.filesystem({ volumeName: "images" }),
 *   deleteEnabled: true,
 * });
 * const endpoint = PublicEndpoint.http({ host: "localhost", port: 5000 });
 * new NginxProxy(stack, "Proxy", { endpoint, registry });
 */
export class RegistryContainer extends Construct implements IRegistry {
  /** The container. */
  public readonly resource: Container;

  /** The image that the container runs. */
  public readonly image: Image;

  /** The volume with config.yml. */
  public readonly config: ConfigVolume;

  /** What signs the state of uploads; another one breaks those in flight. */
  public readonly httpSecret: Password;

  /** The volume with manifests and blobs, where the storage is one. */
  public readonly dataVolume?: Volume;

  /** The volume with the socket that the registry listens on, if it does. */
  public readonly socketVolume?: Volume;

  /** The network that it was given for outbound access, if a part needs it. */
  public readonly outboundNetwork?: Network;

  /** Where Prometheus finds the metrics, if they are wanted. */
  public readonly metrics?: IMetricsEndpoint;

  public readonly upstream: RegistryUpstream;

  public readonly blobs?: IRegistryBlobs;

  public readonly users?: IRegistryUsers;

  public readonly status?: RegistryStatus;

  public readonly immutableTags?: IImmutableTags;

  public readonly quotas?: IRepositoryQuotas;

  public readonly pathPrefix?: string;

  public readonly pullOnly: boolean = false;

  /**
   * @throws when a setting is one that the registry would not take or that its major version does not have, parts contradict
   *   each other, or the stack has no random provider
   */
  constructor(scope: Construct, id: string, props: RegistryContainerProps = {}) {
    super(scope, id);
    requireProvider(this, "random");
    const image = props.image ?? RegistryImage.V3;
    warnAboutMovingTag(this, image.reference);
    if (!props.deleteEnabled && !props.readOnly) {
      warnAboutTagDeletes(this, image);
    }
    this.immutableTags = guardedTags(this, props.immutableTags);
    this.image = new Image(this, "Image", { name: image.reference, keepLocally: true });
    this.httpSecret = new Password(this, "HttpSecret", { length: 48, special: false });

    const { imageId } = this.image;
    const hostName = props.containerName ?? defaultName(this);
    // Before the parts, as some mount it too.
    const createStatus = () => createVolume(this, { id: STATUS_VOLUME, name: `${defaultName(this)}-status` });
    const maintained = props.maintenance && createStatus();
    const context = {
      imageId,
      majorVersion: image.majorVersion,
      hostName,
      statusVolumeName: maintained?.name,
      isMaintained: props.maintenance !== undefined,
      immutableTags: this.immutableTags?.rules,
      hasMetrics: props.metrics !== undefined,
    };
    const bound = bindParts(this, props, context, this.httpSecret.result);
    const status = maintained ?? (bound.guard && createStatus());
    this.status = status && {
      mount: { volumeName: status.name, containerPath: STATUS_FOLDER, readOnly: true },
      hasWindows: maintained !== undefined,
      hasDiskReserve: bound.guard !== undefined,
    };
    const all = <T>(of: (part: RegistryBinding) => T[] | undefined): T[] =>
      bound.registry.flatMap((part) => of(part) ?? []);
    const owned = new OwnedResources(
      this,
      all((part) => part.volumes),
      all((part) => part.networks),
    );
    const parts = bound.registry.map((part) => located(part, owned));
    this.dataVolume = owned.volume(DATA);
    this.socketVolume = owned.volume(SOCKET_VOLUME);
    this.outboundNetwork = owned.network("Outbound");
    const { upstream } = bound.listener;
    this.upstream = {
      ...upstream,
      mounts: upstream.mounts?.map((mount) => owned.mount(mount)),
      networkNames: upstream.networkNames?.map((name) => owned.networkName(name)),
    };

    const assembly = assembleRegistry(props, parts, { guard: bound.guard });
    this.blobs = assembly.blobs;
    this.quotas = guardedQuotas(this, props.quotas, assembly.dataVolume, assembly.isMirror);
    this.users = assembly.users;
    this.pathPrefix = assembly.pathPrefix;

    const environment = all((part) => part.environment);
    this.config = new ConfigVolume(this, "Config", {
      imageId,
      check: assembly.check,
      checkEnvironment: environment,
      requiredCommands: [...REGISTRY_COMMANDS, ...all((part) => part.requiredCommands)],
      readerName: hostName,
      readerPatienceSeconds: takeOverSeconds(stopGraceSeconds(props)),
    });
    for (const { path, content, review } of assembly.files) {
      this.config.addSecretFile(path, content, review);
    }
    const ownedVolumes = parts.flatMap((part) => part.ownedVolumeNames ?? []);
    for (const volumeName of [...ownedVolumes, ...(status ? [status.name] : [])]) {
      this.config.giveToService(volumeName);
    }

    this.resource = serviceContainer(this, props, {
      imageId,
      entrypoint: ["/bin/sh", "-c"],
      command: [assembly.runner],
      environment,
      tmpfs: { "/tmp": "size=1m,mode=1777" },
      mounts: [
        this.config.mountAt(CONFIG_FOLDER),
        ...parts.flatMap((part) => part.mounts ?? []),
        ...(status ? [{ volumeName: status.name, containerPath: STATUS_FOLDER }] : []),
      ],
      networkNames: parts.flatMap((part) => part.networkNames ?? []),
      healthCommand: assembly.healthCommand,
      dependsOn: [this.config.writer, ...all((part) => part.dependsOn)],
      replacedWith: all((part) => part.restartedBy),
    });
    this.metrics = props.metrics?.expose(this, {
      container: this.resource,
      hostName,
      status: this.status,
      networkNames: Object.fromEntries(
        all((part) => part.networks).map(({ id, name }) => [id, owned.networkName(name)]),
      ),
    });
    for (const source of all((part) => part.metricsSources)) {
      this.metrics?.addSource(source);
    }
  }
}

/** The part with references to what was created for it, so that Terraform makes that first. */
function located(part: RegistryBinding, owned: OwnedResources): RegistryBinding {
  return {
    ...part,
    mounts: part.mounts?.map((mount) => owned.mount(mount)),
    blobVolume: part.blobVolume && owned.mount(part.blobVolume),
    ownedVolumeNames: part.ownedVolumeNames?.map((name) => owned.volumeName(name)),
    networkNames: part.networkNames?.map((name) => owned.networkName(name)),
  };
}
