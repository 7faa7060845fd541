import type { Container, ContainerPorts } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import { Network } from "@cdktf/provider-docker/lib/network";
import { Construct } from "constructs";
import { defaultName } from "../core/names";
import { CONFIG_FOLDER, ConfigVolume } from "../docker/config-volume";
import { ContainerImage } from "../docker/container-image";
import { warnAboutMovingTag } from "../docker/image-reference";
import { serviceContainer } from "../docker/service-container";
import { CertificateFollower } from "../tls/certificate-follower";
import { assembleProxy, HTTP_PORT, HTTPS_PORT } from "./assembly";
import { FIGURES_FOLDER } from "./conf/figures";
import { figuresBinding } from "./figures";
import { clientNames, requireSoundProps } from "./nginx-proxy-checks";
import type { NginxProxyProps } from "./nginx-proxy-props";
import { QUOTA_COMMANDS } from "./quotas";
import { AUDIT_FOLDER, nginxCheck, nginxCommands, nginxRunner, proxyHealthCommand } from "./runner";

/**
 * nginx in front of a registry, without buffering uploads, without a size limit.
 *
 * A changed configuration is tried and then loaded without a restart; a broken one is never taken over.
 *
 * @example
 * import { NginxProxy, PublicEndpoint, RegistryContainer, SelfSignedCA } from "cdktf-docker-registry";
 *
 * const endpoint = PublicEndpoint.https({ host: "registry.example.com" });
 * const certificate = new SelfSignedCA(stack, "CA").issueCertificate("Server", { endpoint });
 * const registry = new RegistryContainer(stack, "Registry");
 * new NginxProxy(stack, "Proxy", { endpoint, registry, certificate });
 */
export class NginxProxy extends Construct {
  /** The container. */
  public readonly resource: Container;

  /** The image that the container runs. */
  public readonly image: Image;

  /** The network through which the port is published. */
  public readonly network: Network;

  /** The volume with nginx.conf. */
  public readonly config: ConfigVolume;

  /** What follows the certificate's files, where somebody else renews them. */
  public readonly certificateFollower?: CertificateFollower;

  /** The address that clients use, `scheme://host[:port]`. */
  public readonly url: string;

  /**
   * @throws when the certificate does not go with the endpoint, users may push to what is only pulled from, or a prop has no
   *   effect without another one
   */
  constructor(scope: Construct, id: string, props: NginxProxyProps) {
    super(scope, id);
    requireSoundProps(this, props);
    const { endpoint } = props;
    const { upstream, status } = props.registry;
    const image = props.image ?? ContainerImage.NGINX;
    warnAboutMovingTag(this, image.reference);
    this.url = endpoint.url;
    this.image = new Image(this, "Image", { name: image.reference, keepLocally: true });
    this.network = new Network(this, "Network", { name: defaultName(this) });

    const { imageId } = this.image;
    const hostName = props.containerName ?? defaultName(this);
    const hostNames = clientNames(props);
    const context = { endpoint, registry: props.registry, imageId, hostName, hostNames };
    const files = props.certificate?.followedFiles;
    const { restartPolicy, logDriver, healthIntervalSeconds } = props;
    const likeProxy = { restartPolicy, logDriver, healthIntervalSeconds };
    this.certificateFollower =
      files && new CertificateFollower(this, "Certificate", { files, imageId, host: endpoint.host, ...likeProxy });
    const isFollowed = files !== undefined;
    const hasCertificate = props.certificate !== undefined;
    const figures = figuresBinding(this, { ...props, hostName, hasCertificate, followsCertificate: isFollowed });
    this.config = new ConfigVolume(this, "Config", {
      imageId,
      check: nginxCheck(isFollowed, [...(figures ? [FIGURES_FOLDER] : []), ...(props.auditLog ? [AUDIT_FOLDER] : [])]),
      requiredCommands: [...nginxCommands(isFollowed), ...(props.registry.quotas ? QUOTA_COMMANDS : [])],
      readerName: hostName,
    });
    const assembly = assembleProxy(this, props, context, { follower: this.certificateFollower, figures });
    const { parts, blobs } = assembly;
    this.config.addFile("nginx.conf", assembly.nginxConf);
    this.config._addFilesLater(assembly.files);
    for (const volumeName of parts.flatMap((part) => part.ownedVolumeNames ?? [])) {
      this.config.giveToService(volumeName);
    }

    this.resource = serviceContainer(this, props, {
      imageId: this.image.imageId,
      entrypoint: ["/bin/sh", "-c"],
      command: [nginxRunner(isFollowed, figures !== undefined)],
      tmpfs: { "/tmp": "size=64m,mode=1777" },
      mounts: [
        this.config.mountAt(CONFIG_FOLDER),
        ...(upstream.mounts ?? []),
        ...(blobs ? [blobs.mount] : []),
        ...(status ? [status.mount] : []),
        ...parts.flatMap((part) => part.mounts ?? []),
      ],
      networkNames: [this.network.name, ...(upstream.networkNames ?? [])],
      ports: publishedPorts(props),
      healthCommand: proxyHealthCommand(isFollowed, status?.hasDiskReserve, props.registry.quotas !== undefined),
      dependsOn: [this.config.writer, ...(this.certificateFollower ? [this.certificateFollower.resource] : [])],
      replacedWith: [],
    });
  }
}

function publishedPorts(props: NginxProxyProps): ContainerPorts[] {
  const { publishAddress, publishPort } = props.endpoint;
  const publish = (internal: number, external: number) => ({
    internal,
    external,
    ip: publishAddress,
    protocol: "tcp",
  });
  return [
    publish(props.certificate ? HTTPS_PORT : HTTP_PORT, publishPort),
    ...(props.httpRedirectPort ? [publish(HTTP_PORT, props.httpRedirectPort)] : []),
  ];
}
