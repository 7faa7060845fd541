import type { Container } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { defaultName, requireHostName } from "../core/names";
import { CONFIG_FOLDER, ConfigVolume } from "../docker/config-volume";
import { ContainerImage } from "../docker/container-image";
import { warnAboutMovingTag } from "../docker/image-reference";
import { type ServiceContainerProps, serviceContainer, type VolumeMount } from "../docker/service-container";
import { HEALTH_ADDRESS } from "../proxy/conf/nginx-conf";
import { nginxCheck, nginxCommands, nginxRunner, proxyHealthCommand } from "../proxy/runner";
import type { IMetricsEndpoint } from "../registry/metrics-part";
import type { MetricsSource } from "../registry/metrics-source";
import { type RegistryStatus, STATUS_METRICS } from "../registry/status";
import { type MetricsEndpointSource, renderMetricsEndpointConfig, renderMetricsPage } from "./metrics-endpoint-config";

const PORT = 5001;

/** A file of the endpoint's, beside its nginx.conf. */
const PAGE = "metrics.page";

/** Where the volumes of sources are mounted, each by a number. */
const SOURCES = "/sources";

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

  /** The network on which Prometheus reaches it. */
  public readonly networkName: string;

  private readonly added: MetricsSource[] = [];
  private readonly volumeNames: string[] = [];
  private readonly ownMounts: VolumeMount[];

  /** @throws when the container's name is no host name */
  constructor(scope: Construct, id: string, props: MetricsEndpointProps) {
    super(scope, id);
    const image = props.image ?? ContainerImage.NGINX;
    warnAboutMovingTag(this, image.reference);
    this.image = new Image(this, "Image", { name: image.reference, keepLocally: true });
    const hostName = props.containerName ?? defaultName(this);
    requireHostName(this, "containerName", hostName);
    this.url = `http://${hostName}:${PORT}${props.path}`;
    this.networkName = props.networkName;

    this.config = new ConfigVolume(this, "Config", {
      imageId: this.image.imageId,
      check: nginxCheck(),
      requiredCommands: nginxCommands(),
      readerName: hostName,
    });
    this.config.addFile(
      "nginx.conf",
      Lazy.stringValue({
        produce: () =>
          renderMetricsEndpointConfig({
            port: PORT,
            path: props.path,
            debugAddress: props.debugAddress,
            healthAddress: HEALTH_ADDRESS,
            page: `${CONFIG_FOLDER}/current/${PAGE}`,
            sources: this.located(),
          }),
      }),
    );
    this.config.addFile(PAGE, Lazy.stringValue({ produce: () => renderMetricsPage(this.located()) }));
    this.ownMounts = [this.config.mountAt(CONFIG_FOLDER)];
    const status = props.status?.mount.volumeName;
    if (status !== undefined) {
      for (const [name, file] of statusFiles(props.status)) {
        this.note({ name, volumeName: status, file });
      }
    }

    this.resource = serviceContainer(this, props, {
      imageId: this.image.imageId,
      entrypoint: ["/bin/sh", "-c"],
      command: [nginxRunner()],
      defaultMemoryMiB: 64,
      tmpfs: { "/tmp": "size=8m,mode=1777" },
      mounts: this.mounts(),
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

  /** What it serves beside the registry's own. */
  public get sources(): MetricsSource[] {
    return [...this.added];
  }

  /** Serves the files of another part of the stack too. */
  public addSource(source: MetricsSource): void {
    this.note(source);
    this.resource.putVolumes(this.mounts().map((mount) => ({ ...mount, readOnly: mount.readOnly ?? false })));
  }

  private note(source: MetricsSource): void {
    requireSource(this, source, this.added);
    this.added.push(source);
    if (!this.volumeNames.includes(source.volumeName)) {
      this.volumeNames.push(source.volumeName);
    }
  }

  private mounts(): VolumeMount[] {
    return [
      ...this.ownMounts,
      ...this.volumeNames.map((volumeName, i) => ({ volumeName, containerPath: `${SOURCES}/${i}`, readOnly: true })),
    ];
  }

  private located(): MetricsEndpointSource[] {
    return this.added.map(({ name, volumeName, file, isSocket, otherwise }) => ({
      name,
      path: `${SOURCES}/${this.volumeNames.indexOf(volumeName)}/${file}`,
      isSocket,
      otherwise,
    }));
  }
}

function requireSource(where: Construct, { name }: MetricsSource, others: MetricsSource[]): void {
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(name) || name === "registry") {
    throw invalidInput({
      where,
      field: "name of a source",
      got: name,
      expected: 'letters, digits, -, _ and ., and not "registry", whose own metrics are there',
      fix: 'name what it is, such as "proxy"',
    });
  }
  if (others.some((other) => other.name === name)) {
    throw invalidInput({
      where,
      field: "name of a source",
      got: name,
      expected: "a name that no other source has",
      fix: "give one of the two another name",
    });
  }
}

/** What a registry tells of its disk and its maintenance: names and files. */
function statusFiles(status: RegistryStatus | undefined): [string, string][] {
  return [
    ...(status?.hasDiskReserve ? [["disk", STATUS_METRICS.disk] as [string, string]] : []),
    ...(status === undefined || status.hasWindows === false
      ? []
      : [["maintenance", STATUS_METRICS.maintenance] as [string, string]]),
  ];
}
