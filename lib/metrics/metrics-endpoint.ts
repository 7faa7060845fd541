import type { Container } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import { Construct } from "constructs";
import { defaultName, requireHostName } from "../core/names";
import { CONFIG_FOLDER, ConfigVolume } from "../docker/config-volume";
import { ContainerImage } from "../docker/container-image";
import { warnAboutMovingTag } from "../docker/image-reference";
import { type ServiceContainerProps, serviceContainer } from "../docker/service-container";
import { HEALTH_ADDRESS } from "../proxy/conf/nginx-conf";
import { nginxCheck, nginxCommands, nginxRunner, proxyHealthCommand } from "../proxy/runner";
import type { IMetricsEndpoint } from "../registry/metrics-part";
import { type RegistryStatus, STATUS_METRICS } from "../registry/status";
import { renderMetricsEndpointConfig } from "./metrics-endpoint-config";

const PORT = 5001;

/** What an endpoint of metrics stands between. */
export interface MetricsEndpointProps extends ServiceContainerProps {
  /** The registry's container. */
  readonly registry: Container;

  /** The registry's debug server, `host:port`. */
  readonly debugAddress: string;

  /** The network on which the endpoint reaches it. */
  readonly debugNetworkName: string;

  /** Where the metrics are. */
  readonly path: string;

  /** The network on which Prometheus reaches the endpoint. */
  readonly networkName: string;

  /**
   * Port of the engine's machine on which the endpoint is published.
   *
   * @default - not published
   */
  readonly publishPort?: number;

  /**
   * Address of the engine's machine on which it is published.
   *
   * @default "127.0.0.1"
   */
  readonly publishAddress?: string;

  /**
   * Where the registry tells of its disk and its maintenance.
   *
   * @default - nowhere
   */
  readonly status?: RegistryStatus;

  /**
   * nginx's image; it needs a shell, and curl or wget, as all images of its maintainers have them.
   *
   * @default ContainerImage.NGINX
   */
  readonly image?: ContainerImage;
}

/**
 * The way to a registry's metrics, and to nothing else that its debug server shows.
 *
 * A container of its own and not a port of the proxy: a registry may have no proxy, or two.
 */
export class MetricsEndpoint extends Construct implements IMetricsEndpoint {
  /** The container. */
  public readonly resource: Container;

  /** The image that the container runs. */
  public readonly image: Image;

  /** The volume with nginx.conf. */
  public readonly config: ConfigVolume;

  /** What Prometheus asks on the network: `http://host:port/path`. */
  public readonly url: string;

  constructor(scope: Construct, id: string, props: MetricsEndpointProps) {
    super(scope, id);
    const image = props.image ?? ContainerImage.NGINX;
    warnAboutMovingTag(this, image.reference);
    this.image = new Image(this, "Image", { name: image.reference, keepLocally: true });
    const hostName = props.containerName ?? defaultName(this);
    requireHostName(this, "containerName", hostName);
    this.url = `http://${hostName}:${PORT}${props.path}`;

    this.config = new ConfigVolume(this, "Config", {
      imageId: this.image.imageId,
      check: nginxCheck(),
      requiredCommands: nginxCommands(),
      readerName: hostName,
    });
    this.config.addFile(
      "nginx.conf",
      renderMetricsEndpointConfig({
        port: PORT,
        path: props.path,
        debugAddress: props.debugAddress,
        healthAddress: HEALTH_ADDRESS,
        moreFiles: metricsFiles(props.status),
      }),
    );

    this.resource = serviceContainer(this, props, {
      imageId: this.image.imageId,
      entrypoint: ["/bin/sh", "-c"],
      command: [nginxRunner()],
      defaultMemoryMiB: 64,
      tmpfs: { "/tmp": "size=8m,mode=1777" },
      mounts: [this.config.mountAt(CONFIG_FOLDER), ...(props.status ? [props.status.mount] : [])],
      networkNames: [props.debugNetworkName, props.networkName],
      ports: props.publishPort
        ? [
            {
              internal: PORT,
              external: props.publishPort,
              ip: props.publishAddress ?? "127.0.0.1",
              protocol: "tcp",
            },
          ]
        : undefined,
      healthCommand: proxyHealthCommand(),
      dependsOn: [this.config.writer, props.registry],
      replacedWith: [],
    });
  }
}

function metricsFiles(status: RegistryStatus | undefined): string[] {
  if (!status) {
    return [];
  }
  const file = (name: string) => `${status.mount.containerPath}/${name}`;
  return [
    ...(status.hasDiskReserve ? [file(STATUS_METRICS.disk)] : []),
    ...(status.hasWindows === false ? [] : [file(STATUS_METRICS.maintenance)]),
  ];
}
