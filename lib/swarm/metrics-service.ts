import { Image } from "@cdktf/provider-docker/lib/image";
import type { Network } from "@cdktf/provider-docker/lib/network";
import type { Service } from "@cdktf/provider-docker/lib/service";
import { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { defaultName } from "../core/names";
import { httpGet, readerHealthCommand } from "../docker/config-follower";
import { ContainerImage } from "../docker/container-image";
import { warnAboutMovingTag } from "../docker/image-reference";
import { HEALTH_ADDRESS } from "../proxy/conf/nginx-conf";
import { FILES_CHECK, nginxRunner } from "../proxy/runner";
import { DEBUG_PORT } from "../registry/debug-server";
import { renderTaskMetricsConfig } from "./metrics-conf";
import type { MetricsServiceProps } from "./metrics-service-props";
import { tellTargets } from "./metrics-targets";
import { attachableNetwork, networkId } from "./overlay-networks";
import { swarmService } from "./service";
import { ServiceFiles } from "./service-files";
import { UpdateOrder } from "./service-props";
import { requireSwarmProvider } from "./swarm-provider";
import { taskScript } from "./task-start";

/**
 * The way to the metrics of a registry on a Swarm, and to nothing else of it: one endpoint that lists all registries and
 * proxies as targets for `http_sd_configs` of Prometheus, and hands each one's metrics on.
 *
 * Where they are published, each node has an endpoint, and each of them shows all tasks of all nodes.
 */
export class MetricsService extends Construct {
  /** The service. */
  public readonly resource: Service;

  /** The image, as the manager has it. */
  public readonly image: Image;

  /** The network for Prometheus to join, unless one was named. */
  public readonly network?: Network;

  /** Name of that network, or of the one that was named. */
  public readonly networkName: string;

  /** Name of the service. */
  public readonly serviceName: string;

  /** What `http_sd_configs` asks on that network: `http://host:port/path/targets`. */
  public readonly targetsUrl: string;

  /** @throws when the registries have no metrics */
  constructor(scope: Construct, id: string, props: MetricsServiceProps) {
    super(scope, id);
    requireSwarmProvider(this);
    const { registry, proxies, cache } = props;
    if (registry._metrics === undefined) {
      throw invalidInput({
        where: this,
        field: "registry",
        got: `${registry.node.path}, which has no metrics`,
        expected: "registries with metrics",
        fix: "give them metrics: RegistryMetrics.prometheus()",
      });
    }
    const { path = "/metrics", publishPort, ...settings } = registry._metrics._settings;
    const image = settings.image ?? props.image ?? ContainerImage.NGINX;
    warnAboutMovingTag(this, image.reference);
    this.image = new Image(this, "Image", { name: image.reference, keepLocally: true });
    this.serviceName = settings.containerName ?? defaultName(this);
    const isPublished = publishPort !== undefined;
    if (settings.networkName === undefined) {
      this.network = attachableNetwork(this, { id: "Network", name: defaultName(this), isInternal: !isPublished });
    }
    this.networkName = settings.networkName ?? defaultName(this);
    this.targetsUrl = `http://${this.serviceName}:${DEBUG_PORT}${path}/targets`;

    const watched = proxies.map(({ serviceName: name }, i) => ({
      kind: i === 0 ? "proxy" : `proxy-${i}`,
      name,
      whenGone: `registry_nginx_up{proxy="${name}"} 0`,
    }));
    const nginxConf = renderTaskMetricsConfig({
      port: DEBUG_PORT,
      path,
      healthAddress: HEALTH_ADDRESS,
      kinds: { registry: path, ...Object.fromEntries(watched.map(({ kind }) => [kind, "/"])) },
    });
    const targets = tellTargets({
      registry: defaultName(registry),
      name: this.serviceName,
      path,
      port: DEBUG_PORT,
      services: [{ kind: "registry", name: registry.serviceName, whenGone: "registry_up 0" }, ...watched],
      cache: cache?.serviceName,
      ledger: registry._ledger,
    });
    this.resource = swarmService(
      this,
      { ...props, ...settings },
      {
        name: this.serviceName,
        image: this.image,
        imageReference: image.reference,
        replicas: isPublished ? props.nodes : 1,
        maxReplicasPerNode: isPublished && props.nodes !== undefined ? 1 : undefined,
        script: taskScript(`${targets}\n${nginxRunner()}`, FILES_CHECK),
        files: new ServiceFiles(this, "Files", this.serviceName, () => [
          { path: "nginx.conf", content: nginxConf, review: nginxConf },
        ]),
        memoryFolders: { "/tmp": 8 },
        defaultMemoryMiB: 64,
        networkIds: [
          this.network?.id ?? networkId(this, this.networkName),
          registry.network.id,
          ...(cache ? [cache.network.id] : []),
        ],
        ports: isPublished
          ? [{ targetPort: DEBUG_PORT, publishedPort: publishPort, publishMode: "host", protocol: "tcp" }]
          : undefined,
        healthCommand: readerHealthCommand(httpGet(`http://${HEALTH_ADDRESS}/`)),
        order: UpdateOrder.STOP_FIRST,
        dependsOn: [],
      },
    );
  }
}
