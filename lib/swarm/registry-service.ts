import { Image } from "@cdktf/provider-docker/lib/image";
import type { Network } from "@cdktf/provider-docker/lib/network";
import type { Service } from "@cdktf/provider-docker/lib/service";
import { Password } from "@cdktf/provider-random/lib/password";
import { Construct } from "constructs";
import { defaultName } from "../core/names";
import { requireProvider } from "../core/provider-versions";
import { requireCommands } from "../docker/config-writer";
import { warnAboutMovingTag } from "../docker/image-reference";
import type { RegistryMetrics } from "../metrics/registry-metrics";
import { assembleRegistry, bindParts } from "../registry/assembly";
import { mergeRegistryConfig } from "../registry/config-yml";
import { LEDGER_PORT } from "../registry/ledger";
import { collectorOf } from "../registry/maintenance-part";
import type { IRegistry, RegistryUpstream } from "../registry/registry";
import { RegistryImage, warnAboutTagDeletes } from "../registry/registry-image";
import { RegistryListener } from "../registry/registry-listener";
import { STATUS_FOLDER } from "../registry/status";
import { collectorService } from "./collector";
import { metricsPart, requireMetricsOfNodes } from "./metrics-part";
import { networkId, overlayNetwork } from "./overlay-networks";
import { requireNothingOfOneMachine, requireSharedState } from "./registry-service-checks";
import type { RegistryServiceProps } from "./registry-service-props";
import { swarmService } from "./service";
import { requirePlaceable } from "./service-checks";
import { ServiceFiles } from "./service-files";
import { UpdateOrder } from "./service-props";
import { registryReadsStorage } from "./storage-gate";
import { requireSwarmProvider } from "./swarm-provider";
import { taskScript } from "./task-start";

/**
 * Registries (distribution) on the nodes of a Swarm that share a bucket, a cache and `http.secret`: put an `NginxService` in
 * front of them.
 *
 * It takes the props of a `RegistryContainer`, renders the same files and runs them by the same script. Whatever changes,
 * Swarm replaces replica by replica: the next one follows when the new one is healthy and has read from the storage, and
 * when it does not get there, the former version comes back and the deploy fails.
 *
 * @example
 * import { NginxService, PublicEndpoint, RedisService, RegistryService, RegistryStorage } from "cdktf-docker-registry";
 *
 * const registry = new RegistryService(stack, "Registry", {
 *   storage: RegistryStorage.s3({ bucket: "images", region: "eu-central-1" }),
 *   cache: new RedisService(stack, "Cache"),
 *   replicas: 3,
 * });
 * const endpoint = PublicEndpoint.http({ host: "registry.example.com", port: 5000, publishAddress: "0.0.0.0" });
 * new NginxService(stack, "Proxy", { endpoint, registry });
 */
export class RegistryService extends Construct implements IRegistry {
  /** The service. */
  public readonly resource: Service;

  /** The image, as the manager has it. */
  public readonly image: Image;

  /** What signs the state of uploads, the same for all replicas. */
  public readonly httpSecret: Password;

  /** The network on which proxies reach the registries. */
  public readonly network: Network;

  /** The network for outbound access, if a part needs it. */
  public readonly outboundNetwork?: Network;

  /** Name of the service, by which others on its networks reach its replicas. */
  public readonly serviceName: string;

  /**
   * Where the metrics are wanted.
   *
   * @internal
   */
  public readonly _metrics?: RegistryMetrics;

  /**
   * Where those find what the registries tell each other who wait for a collection, `host:port`.
   *
   * @internal
   */
  public readonly _ledger?: string;

  /** The service that collects garbage, where there is `maintenance`. */
  public readonly collector?: Service;

  public readonly upstream: RegistryUpstream;

  public readonly pathPrefix?: string;

  public readonly pullOnly: boolean = false;

  /**
   * @throws when a prop needs the one machine that a container runs on, or the replicas cannot be placed
   */
  constructor(scope: Construct, id: string, props: RegistryServiceProps) {
    super(scope, id);
    requireSwarmProvider(this);
    requireProvider(this, "random");
    const replicas = props.replicas ?? 2;
    requirePlaceable(this, { replicas, nodes: props.nodes, options: props });
    requireNothingOfOneMachine(this, props);
    requireMetricsOfNodes(this, props.metrics);
    this._metrics = props.metrics as RegistryMetrics | undefined;
    const image = props.image ?? RegistryImage.V3;
    warnAboutMovingTag(this, image.reference);
    if (!props.deleteEnabled && !props.readOnly) {
      warnAboutTagDeletes(this, image);
    }
    this.image = new Image(this, "Image", { name: image.reference, keepLocally: true });
    this.httpSecret = new Password(this, "HttpSecret", { length: 48, special: false });
    this.serviceName = props.containerName ?? defaultName(this);

    const metrics = this._metrics && metricsPart(this._metrics);
    const withPort = {
      ...props,
      listener: props.listener ?? RegistryListener.tcp(),
      metrics: undefined,
      parts: [...(metrics ? [metrics] : []), ...(props.parts ?? [])],
    };
    const { imageId } = this.image;
    const hasMetrics = metrics !== undefined;
    const isMaintained = props.maintenance !== undefined;
    const context = {
      imageId,
      majorVersion: image.majorVersion,
      hostName: this.serviceName,
      hasMetrics,
      isMaintained,
      replicas,
    };
    const bound = bindParts(this, withPort, context, this.httpSecret.result);
    const config = mergeRegistryConfig([...bound.registry.map((part) => part.config), props.configOverrides ?? {}]);
    requireSharedState(this, config, bound.registry);

    const options = { isEncrypted: props.encryptedNetworks };
    const descriptions = bound.registry.flatMap((part) => part.networks ?? []);
    const ownNetwork = descriptions.find(({ id }) => id === "Network")?.name;
    const networks = descriptions.map((description) => overlayNetwork(this, description, options));
    const network = (id: string) => networks.find(({ node }) => node.id === id);
    this.network = network("Network") as Network;
    this.outboundNetwork = network("Outbound");
    this.upstream = { ...bound.listener.upstream, isReplicated: true };

    const assembly = assembleRegistry(withPort, bound.registry, { isReplicated: true });
    this.pathPrefix = assembly.pathPrefix;
    const networkNames = [...new Set(bound.registry.flatMap((part) => part.networkNames ?? []))];
    const environment = bound.registry.flatMap((part) => part.environment ?? []);
    const required = bound.registry.flatMap((part) => part.requiredCommands ?? []);
    const check = required.length > 0 ? requireCommands(required) : undefined;
    const dependsOn = bound.registry.flatMap((part) => part.dependsOn ?? []);
    this.resource = swarmService(this, props, {
      name: this.serviceName,
      image: this.image,
      imageReference: image.reference,
      replicas,
      script: taskScript(assembly.runner, check),
      environment,
      files: new ServiceFiles(this, "Files", this.serviceName, () => assembly.files),
      memoryFolders: { "/tmp": 1, ...(isMaintained ? { [STATUS_FOLDER]: 1 } : {}) },
      networkIds: networkNames.map((name) => networkId(this, name)),
      healthCommand: registryReadsStorage(assembly.healthCommand, config),
      order: props.placement?.maxReplicasPerNode ? UpdateOrder.STOP_FIRST : UpdateOrder.START_FIRST,
      dependsOn,
    });
    if (isMaintained) {
      this._ledger = `${this.serviceName}:${LEDGER_PORT}`;
      this.collector = collectorService(this, props, {
        name: collectorOf(this.serviceName),
        image: this.image,
        imageReference: image.reference,
        check,
        files: assembly.files,
        environment,
        networkIds: networkNames.filter((name) => name !== ownNetwork).map((name) => networkId(this, name)),
        // Registries of before would not say that they write.
        dependsOn: [this.resource, ...dependsOn],
      });
    }
  }
}
