import { Image } from "@cdktf/provider-docker/lib/image";
import type { Network } from "@cdktf/provider-docker/lib/network";
import type { Service } from "@cdktf/provider-docker/lib/service";
import { Password } from "@cdktf/provider-random/lib/password";
import { Construct } from "constructs";
import { forgettingByTcp } from "../cache/flush-on-order";
import { requireRedisProps } from "../cache/redis-checks";
import { REDIS_PORT, REDIS_SOCKET, renderRedisConfig } from "../cache/redis-config";
import { REMOTE_PATIENCE, redisConnection } from "../cache/redis-connection";
import { invalidInput } from "../core/errors";
import { defaultName } from "../core/names";
import { requireProvider } from "../core/provider-versions";
import { CONFIG_FOLDER } from "../docker/config-volume";
import { ContainerImage } from "../docker/container-image";
import { warnAboutMovingTag } from "../docker/image-reference";
import type { IRegistryCache, RegistryBinding, RegistryContext } from "../registry/registry-part";
import { overlayNetwork } from "./overlay-networks";
import type { RedisServiceProps } from "./redis-service-props";
import { swarmService } from "./service";
import { ServiceFiles } from "./service-files";
import { UpdateOrder } from "./service-props";
import { requireSwarmProvider } from "./swarm-provider";
import { taskScript } from "./task-start";

const SOCKET_FOLDER = REDIS_SOCKET.slice(0, REDIS_SOCKET.lastIndexOf("/"));

/**
 * The one Redis of all registries of a Swarm, on any node. Each registry would otherwise remember blobs that another one has
 * deleted.
 *
 * It holds nothing that cannot be learnt again: on another node it begins empty, and registries go on without it meanwhile.
 *
 * @example
 * import { RedisService, RegistryService, RegistryStorage } from "cdktf-docker-registry";
 *
 * const cache = new RedisService(stack, "Cache", { maxMemoryMiB: 256 });
 * const storage = RegistryStorage.s3({ bucket: "images", region: "eu-central-1" });
 * new RegistryService(stack, "Registry", { storage, cache });
 */
export class RedisService extends Construct implements IRegistryCache {
  /** The service. */
  public readonly resource: Service;

  /** The image, as the manager has it. */
  public readonly image: Image;

  /** The password that registries log in with. */
  public readonly password: Password;

  /** The network on which registries reach it. */
  public readonly network: Network;

  /** Name of the service, by which registries reach it. */
  public readonly serviceName: string;

  private tellsFigures = false;

  /** @throws when a number is out of its range, snapshots are asked for, or the stack has no docker provider for Swarm or no random provider */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: RedisServiceProps = {},
  ) {
    super(scope, id);
    requireSwarmProvider(this);
    requireProvider(this, "random");
    const { maxMemoryMiB, memoryMiB } = requireRedisProps(this, props);
    if (props.snapshotSeconds !== undefined) {
      throw invalidInput({
        where: this,
        field: "snapshotSeconds",
        got: props.snapshotSeconds,
        expected: "nothing: a snapshot would stay on the node that Redis has left",
        fix: "leave it out; the cache is learnt again from the storage",
      });
    }
    const image = props.image ?? ContainerImage.REDIS;
    warnAboutMovingTag(this, image.reference);
    this.serviceName = props.containerName ?? defaultName(this);
    this.image = new Image(this, "Image", { name: image.reference, keepLocally: true });
    // Letters and digits only: redis.conf takes them without quotes.
    this.password = new Password(this, "Password", { length: 48, special: false });
    const network = { id: "Network", name: defaultName(this), isInternal: true };
    this.network = overlayNetwork(this, network, { isEncrypted: props.encryptedNetworks });
    const text = (password: string) =>
      renderRedisConfig({
        password,
        maxMemoryMiB,
        maxClients: props.maxClients ?? 1024,
        tellsFigures: this.tellsFigures,
      });
    this.resource = swarmService(this, props, {
      name: this.serviceName,
      image: this.image,
      imageReference: image.reference,
      replicas: 1,
      script: taskScript(`exec redis-server ${CONFIG_FOLDER}/current/redis.conf`),
      files: new ServiceFiles(this, "Files", this.serviceName, () => [
        { path: "redis.conf", content: text(this.password.result), review: text("(sensitive)") },
        { path: "password", content: this.password.result },
      ]),
      memoryFolders: { [SOCKET_FOLDER]: 1 },
      defaultMemoryMiB: memoryMiB,
      networkIds: [this.network.id],
      healthCommand: [
        "CMD-SHELL",
        `REDISCLI_AUTH=$(cat ${CONFIG_FOLDER}/current/password) redis-cli -s ${REDIS_SOCKET} ping | grep -q PONG`,
      ],
      // Two at a time would know different things.
      order: UpdateOrder.STOP_FIRST,
      dependsOn: [],
    });
  }

  public bindToRegistry(
    _scope: Construct,
    { majorVersion, hasMetrics, isMaintained }: RegistryContext,
  ): RegistryBinding {
    this.tellsFigures ||= hasMetrics === true;
    const password = this.password.result;
    const address = `${this.serviceName}:${REDIS_PORT}`;
    return {
      config: {
        storage: { cache: { blobdescriptor: "redis" } },
        redis: redisConnection({ address, password, majorVersion, patience: REMOTE_PATIENCE, connection: this.props }),
      },
      secrets: [password],
      ...(isMaintained ? forgettingByTcp({ address, password, database: this.props.database }) : {}),
      networkNames: [this.network.nameInput as string],
    };
  }
}
