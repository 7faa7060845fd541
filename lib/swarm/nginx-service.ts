import { Image } from "@cdktf/provider-docker/lib/image";
import { Network } from "@cdktf/provider-docker/lib/network";
import type { Service, ServiceEndpointSpecPorts } from "@cdktf/provider-docker/lib/service";
import { Construct } from "constructs";
import { defaultName } from "../core/names";
import { httpGet, readerHealthCommand } from "../docker/config-follower";
import { CONFIG_FOLDER } from "../docker/config-volume";
import { ContainerImage } from "../docker/container-image";
import { warnAboutMovingTag } from "../docker/image-reference";
import { assembleProxy, HTTP_PORT, HTTPS_PORT } from "../proxy/assembly";
import { FIGURES_SCRIPTS, proxyFigures } from "../proxy/conf/figures";
import { HEALTH_ADDRESS } from "../proxy/conf/nginx-conf";
import { SERVER_CERTIFICATE } from "../proxy/conf/tls";
import { clientNames, requireSoundProps } from "../proxy/nginx-proxy-checks";
import type { ProxyBinding } from "../proxy/proxy-part";
import { FILES_CHECK, nginxRunner } from "../proxy/runner";
import { scriptBeside } from "../proxy/scripts";
import { DEBUG_PORT } from "../registry/debug-server";
import { followGate, GATE } from "./gate-follower";
import { requireOnEveryNode, requireProxyOfNodes, takenPorts } from "./nginx-service-checks";
import type { NginxServiceProps } from "./nginx-service-props";
import { swarmService } from "./service";
import { ServiceFiles } from "./service-files";
import { UpdateOrder } from "./service-props";
import { requireSwarmProvider } from "./swarm-provider";
import { taskScript } from "./task-start";

const ALIVE = "/alive";

/**
 * nginx on each node of a Swarm, in front of a `RegistryService`. It takes the props of an `NginxProxy`.
 *
 * The port is a node's own (`publish_mode = "host"`): nginx sees the client's address, and the kernel needs no IPVS. It asks
 * the replicas in turn, wherever they run, and the next one when one does not answer.
 *
 * What nginx remembers or limits counts for each node alone: checked logins, logins a second, connections of an address.
 *
 * @example
 * import { NginxService, PublicEndpoint, RegistryService, RegistryStorage, SelfSignedCA } from "cdktf-docker-registry";
 *
 * const storage = RegistryStorage.s3({ bucket: "images", region: "eu-central-1" });
 * const registry = new RegistryService(stack, "Registry", { storage });
 * const endpoint = PublicEndpoint.https({ host: "registry.example.com", publishAddress: "0.0.0.0" });
 * const certificate = new SelfSignedCA(stack, "CA").issueCertificate("Server", { endpoint });
 * new NginxService(stack, "Proxy", { endpoint, registry, certificate, nodes: 3 });
 */
export class NginxService extends Construct {
  /** The service. */
  public readonly resource: Service;

  /** The image, as the manager has it. */
  public readonly image: Image;

  /** The network through which the port is published. */
  public readonly network: Network;

  /** Name of the service. */
  public readonly serviceName: string;

  /** The address that clients use, `scheme://host[:port]`. */
  public readonly url: string;

  /**
   * @throws when a prop needs the one machine that a container runs on
   */
  constructor(scope: Construct, id: string, given: NginxServiceProps) {
    super(scope, id);
    requireSwarmProvider(this);
    requireOnEveryNode(this, given);
    // There are no files to send, and nothing to say about it.
    const props = { ...given, acceleratedPulls: false };
    requireSoundProps(this, props);
    const image = props.image ?? ContainerImage.NGINX;
    warnAboutMovingTag(this, image.reference);
    this.url = props.endpoint.url;
    this.image = new Image(this, "Image", { name: image.reference, keepLocally: true });
    // On internal networks alone it could publish nothing.
    this.network = new Network(this, "Network", { name: defaultName(this), driver: "overlay" });
    this.serviceName = props.containerName ?? defaultName(this);

    const { registry, endpoint } = props;
    const context = {
      endpoint,
      registry,
      imageId: this.image.imageId,
      hostName: this.serviceName,
      hostNames: clientNames(props),
    };
    // The whole way would end each nginx while no registry answers.
    const alive = { nginx: { health: ["", `location = ${ALIVE} {`, "    return 200 'alive';", "}"] } };
    const assembly = assembleProxy(this, props, context, {
      figures: registry._metrics && this.figures(props),
      more: [alive],
      windowFile: registry._ledger && GATE,
    });
    requireProxyOfNodes(this, assembly.parts);
    const { nginxConf } = assembly;
    this.resource = swarmService(this, props, {
      name: this.serviceName,
      image: this.image,
      imageReference: image.reference,
      replicas: props.nodes,
      maxReplicasPerNode: props.nodes === undefined ? undefined : 1,
      script: taskScript(`${registry._ledger ? followGate(registry._ledger) : ""}${nginxRunner()}`, FILES_CHECK),
      files: new ServiceFiles(this, "Files", this.serviceName, () => [
        { path: "nginx.conf", content: nginxConf, review: nginxConf },
        ...assembly.files(),
      ]),
      memoryFolders: { "/tmp": 64 },
      networkIds: [this.network.id, registry.network.id],
      ports: publishedPorts(props),
      healthCommand: readerHealthCommand(httpGet(`http://${HEALTH_ADDRESS}${ALIVE}`)),
      order: UpdateOrder.STOP_FIRST,
      dependsOn: [],
    });
    this.node.addValidation({ validate: () => takenPorts(this, this.resource) });
  }

  /** On a port: there is no volume with a socket that the endpoint could share. */
  private figures({ certificate }: NginxServiceProps): ProxyBinding {
    const certificateFile = certificate && `${CONFIG_FOLDER}/current/${SERVER_CERTIFICATE}`;
    return {
      nginx: proxyFigures({ name: this.serviceName, certificateFile, port: DEBUG_PORT }),
      files: FIGURES_SCRIPTS.map(scriptBeside),
    };
  }
}

function publishedPorts({ certificate, endpoint, httpRedirectPort }: NginxServiceProps): ServiceEndpointSpecPorts[] {
  const publish = (targetPort: number, publishedPort: number) => ({
    targetPort,
    publishedPort,
    publishMode: "host",
    protocol: "tcp",
  });
  return [
    publish(certificate ? HTTPS_PORT : HTTP_PORT, endpoint.publishPort),
    ...(httpRedirectPort ? [publish(HTTP_PORT, httpRedirectPort)] : []),
  ];
}
