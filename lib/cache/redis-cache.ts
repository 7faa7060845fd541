import type { Container } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import { Network } from "@cdktf/provider-docker/lib/network";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import { Password } from "@cdktf/provider-random/lib/password";
import { Construct } from "constructs";
import { defaultName, requireHostName } from "../core/names";
import { requireProvider } from "../core/provider-versions";
import { CONFIG_FOLDER, ConfigVolume } from "../docker/config-volume";
import { ContainerImage } from "../docker/container-image";
import { warnAboutMovingTag } from "../docker/image-reference";
import { createVolume, socketVolume } from "../docker/owned-resources";
import { serviceContainer, type VolumeMount } from "../docker/service-container";
import { FORGET_CACHE } from "../registry/maintenance-part";
import type { IRegistryCache, RegistryBinding, RegistryContext } from "../registry/registry-part";
import { FIGURES_FILE, FIGURES_FOLDER, tellFigures } from "./figures";
import { askRedisToForget, forgetfulRedis, orderFolder } from "./flush-on-order";
import type { RedisCacheProps } from "./redis-cache-props";
import { requireRedisProps } from "./redis-checks";
import { REDIS_PORT, REDIS_SOCKET, renderRedisConfig } from "./redis-config";
import { redisConnection } from "./redis-connection";

const SOCKET_FOLDER = REDIS_SOCKET.slice(0, REDIS_SOCKET.lastIndexOf("/"));

// On the same engine. Version 2 asks more often: for both, a pull of 20 layers takes about 0.3 s while Redis hangs.
const PATIENCE = { version2: 2, version3: 5 };

/**
 * A Redis that holds nothing but what registries know of their blobs, so that they ask their storage less.
 *
 * Registries of version 3 reach it by a socket, those of version 2 through an internal network of its own.
 * A registry whose cache is slow, full or gone goes on without it, and comes back to it by itself. It logs each failure,
 * but version 2 only those to connect: what it could neither read nor write is not in its log, whatever the level.
 *
 * @example
 * import { RedisCache, RegistryContainer } from "cdktf-docker-registry";
 *
 * const cache = new RedisCache(stack, "Cache", { maxMemoryMiB: 256 });
 * const registry = new RegistryContainer(stack, "Registry", { cache });
 */
export class RedisCache extends Construct implements IRegistryCache {
  /** The container. */
  public readonly resource: Container;

  /** The image that the container runs. */
  public readonly image: Image;

  /** The volume with redis.conf. */
  public readonly config: ConfigVolume;

  /** The password that registries log in with. */
  public readonly password: Password;

  /** The volume with the socket. */
  public readonly socket: Volume;

  private network?: Network;
  private readonly mounts: VolumeMount[];
  private readonly statusVolumeNames: string[] = [];
  private figures?: Volume;
  private readonly containerName: string;

  /** @throws when a number is out of its range, the container has too little memory for the cache, or the stack has no random provider */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: RedisCacheProps = {},
  ) {
    super(scope, id);
    requireProvider(this, "random");
    const { maxMemoryMiB, memoryMiB } = requireRedisProps(this, props);
    const image = props.image ?? ContainerImage.REDIS;
    warnAboutMovingTag(this, image.reference);
    this.containerName = props.containerName ?? defaultName(this);
    this.image = new Image(this, "Image", { name: image.reference, keepLocally: true });
    // Letters and digits only: redis.conf takes them without quotes.
    this.password = new Password(this, "Password", { length: 48, special: false });
    this.socket = createVolume(this, socketVolume("Socket", `${defaultName(this)}-socket`));

    this.config = new ConfigVolume(this, "Config", {
      imageId: this.image.imageId,
      requiredCommands: ["redis-server", "redis-cli"],
    });
    const text = (password: string) =>
      renderRedisConfig({
        password,
        maxMemoryMiB,
        maxClients: props.maxClients ?? 1024,
        snapshotSeconds: props.snapshotSeconds,
      });
    this.config.addSecretFile("redis.conf", text(this.password.result), text("(sensitive)"));
    this.config.addSecretFile("password", this.password.result);

    const data = props.snapshotSeconds ? new Volume(this, "Data", { name: `${defaultName(this)}-data` }) : undefined;
    if (data) {
      this.config.giveToService(data.name);
    }
    this.mounts = [
      this.config.mountAt(CONFIG_FOLDER),
      { volumeName: this.socket.name, containerPath: SOCKET_FOLDER },
      ...(data ? [{ volumeName: data.name, containerPath: "/data" }] : []),
    ];
    this.resource = serviceContainer(this, props, {
      imageId: this.image.imageId,
      entrypoint: ["redis-server"],
      command: [`${CONFIG_FOLDER}/current/redis.conf`],
      defaultMemoryMiB: memoryMiB,
      mounts: this.mounts,
      networkNames: [],
      // By environment: arguments could be read by every process of the machine.
      healthCommand: [
        "CMD-SHELL",
        `REDISCLI_AUTH=$(cat ${CONFIG_FOLDER}/current/password) redis-cli -s ${REDIS_SOCKET} ping | grep -q PONG`,
      ],
      dependsOn: [this.config.writer],
      // Redis reads redis.conf at its start only.
      replacedWith: [this.config.writer],
    });
  }

  public bindToRegistry(
    _scope: Construct,
    { majorVersion, statusVolumeName, hasMetrics }: RegistryContext,
  ): RegistryBinding {
    const password = this.password.result;
    const common = {
      secrets: [password],
      dependsOn: [this.resource],
      ...(hasMetrics ? this.showFigures() : {}),
      ...(statusVolumeName ? this.forgetFor(statusVolumeName) : {}),
    };
    const socket = { volumeName: this.socket.name, containerPath: SOCKET_FOLDER, readOnly: true };
    const connection = (address: string) => ({
      storage: { cache: { blobdescriptor: "redis" } },
      redis: redisConnection({ address, password, majorVersion, patience: PATIENCE, connection: this.props }),
    });
    if (majorVersion >= 3) {
      return {
        ...common,
        config: connection(REDIS_SOCKET),
        mounts: [socket],
      };
    }
    requireHostName(this, "containerName", this.containerName);
    return {
      ...common,
      config: connection(`${this.containerName}:${REDIS_PORT}`),
      networkNames: [this.joinNetwork().name],
      // There Redis says that it has forgotten.
      ...(statusVolumeName ? { mounts: [socket] } : {}),
    };
  }

  /** After a garbage collection the registry asks for it, in a volume that Redis reads: nobody else can tell Redis. */
  private forgetFor(statusVolumeName: string): Pick<RegistryBinding, "files"> {
    const registry = this.statusVolumeNames.push(statusVolumeName) - 1;
    this.runByScript();
    return { files: [{ path: FORGET_CACHE, content: askRedisToForget(registry) }] };
  }

  /** Redis knows no web server: a script beside it writes its figures into a file. */
  private showFigures(): Pick<RegistryBinding, "metricsSources"> {
    this.figures ??= createVolume(this, socketVolume("Figures", `${defaultName(this)}-figures`));
    this.runByScript();
    return { metricsSources: [{ name: "cache", volumeName: this.figures.name, file: FIGURES_FILE }] };
  }

  private runByScript(): void {
    this.resource.entrypoint = ["/bin/sh", "-c"];
    this.resource.command = [forgetfulRedis(this.statusVolumeNames.length, this.figures && tellFigures())];
    this.resource.putVolumes([
      ...this.mounts.map((mount) => ({ ...mount, readOnly: mount.readOnly ?? false })),
      ...(this.figures ? [{ volumeName: this.figures.name, containerPath: FIGURES_FOLDER, readOnly: false }] : []),
      ...this.statusVolumeNames.map((volumeName, i) => ({
        volumeName,
        containerPath: orderFolder(i),
        readOnly: true,
      })),
    ]);
  }

  /** Version 2 speaks TCP only; Redis is given a network for it when the first such registry comes. */
  private joinNetwork(): Network {
    if (this.network === undefined) {
      this.network = new Network(this, "Network", { name: defaultName(this), internal: true });
      this.resource.resetNetworkMode();
      this.resource.putNetworksAdvanced([{ name: this.network.name }]);
    }
    return this.network;
  }
}
