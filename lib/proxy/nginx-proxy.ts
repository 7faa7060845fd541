import type { Container, ContainerPorts } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import { Network } from "@cdktf/provider-docker/lib/network";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { defaultName } from "../core/names";
import { terraformText } from "../core/terraform-text";
import { CONFIG_FOLDER, ConfigVolume } from "../docker/config-volume";
import { ContainerImage } from "../docker/container-image";
import { warnAboutMovingTag } from "../docker/image-reference";
import { serviceContainer } from "../docker/service-container";
import { pushersOfPullOnly } from "../registry/pull-only";
import { DISK_FULL, DISK_LOW, type RegistryStatus, WINDOW } from "../registry/status";
import { CertificateFollower } from "../tls/certificate-follower";
import { AccessLog } from "./access-log";
import { DIRECT_PULLS } from "./conf/direct-pulls";
import { knownHosts } from "./conf/host-names";
import { type NginxConfig, renderNginxConfig } from "./conf/nginx-conf";
import { oldClients } from "./conf/old-clients";
import { nginxUpstream, UPSTREAM_CA } from "./conf/upstream";
import { directPullsOf } from "./direct-pulls";
import { loginBinding } from "./login";
import { clientNames, namesWithoutCertificate, requireSoundProps } from "./nginx-proxy-checks";
import type { NginxProxyProps } from "./nginx-proxy-props";
import type { ProxyBinding } from "./proxy-part";
import { nginxCheck, nginxCommands, nginxRunner, proxyHealthCommand } from "./runner";
import { scriptBeside } from "./scripts";
import { tlsBinding } from "./tls-binding";

// Ports above 1024: nginx runs without privileges.
const HTTP_PORT = 8080;
const HTTPS_PORT = 8443;

/**
 * nginx in front of a registry, without buffering uploads, without a size limit.
 *
 * A changed configuration is tried and then loaded without a restart; a broken one is never taken over.
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
    this.config = new ConfigVolume(this, "Config", {
      imageId,
      check: nginxCheck(isFollowed),
      requiredCommands: nginxCommands(isFollowed),
      readerName: hostName,
    });
    const bound = [...(props.auth ? [props.auth] : []), ...(props.parts ?? [])].map((part) =>
      part.bindToProxy(this, context),
    );
    const parts: ProxyBinding[] = [
      (props.accessLog ?? AccessLog.toLogDriver()).bindToProxy(this, context),
      ...tlsBinding(props, this.certificateFollower, `${HTTP_PORT}`),
      ...(upstream.caCertificatePem
        ? [{ nginx: {}, files: [{ path: UPSTREAM_CA, content: upstream.caCertificatePem }] }]
        : []),
      ...(endpoint.scheme === "http" ? [{ nginx: knownHosts([endpoint.host, ...(props.otherHostNames ?? [])]) }] : []),
      ...(props.refuseOldClients ? [{ nginx: oldClients() }] : []),
      ...bound,
      ...(props.registry.users ? [loginBinding(props.registry.users, context, true)] : []),
    ];
    const { users } = bound.find((part) => part.users) ?? {};
    this.node.addValidation({ validate: () => pushersOfPullOnly(props.registry, users) });
    this.node.addValidation({ validate: () => namesWithoutCertificate(this, props, users) });
    const blobs = props.acceleratedPulls === false ? undefined : props.registry.blobs?.sendByProxy();
    const direct = blobs && directPullsOf(this, props, blobs);
    const workerConnections = props.workerConnections ?? 4096;
    const render = () =>
      renderNginxConfig({
        listen: props.certificate ? `${HTTPS_PORT} ssl` : `${HTTP_PORT}`,
        host: endpoint.host,
        url: endpoint.url,
        scheme: endpoint.scheme,
        upstream: nginxUpstream(upstream),
        workerConnections,
        connectionsPerAddress: props.connectionsPerAddress ?? Math.ceil(workerConnections / 4),
        bodyLimitMiB: props.bodyLimitMiB ?? 0,
        headerTimeoutSeconds: props.headerTimeoutSeconds ?? 60,
        bodyTimeoutSeconds: props.bodyTimeoutSeconds ?? 300,
        upstreamTimeoutSeconds: props.upstreamTimeoutSeconds ?? 900,
        keepaliveTimeoutSeconds: props.keepaliveTimeoutSeconds ?? 65,
        fragments: parts.map((part) => part.nginx),
        blobs,
        directPulls: direct,
        ...(status ? statusFiles(status) : {}),
        extraServerDirectives: props.extraServerDirectives ?? [],
      });
    // Late, so that what is said of the parts after this line still counts.
    this.config.addFile("nginx.conf", Lazy.stringValue({ produce: () => terraformText(render()) }));
    this.config._addFilesLater(() => [
      ...parts.flatMap((part) => part.files ?? []),
      ...(direct ? [scriptBeside(DIRECT_PULLS)] : []),
    ]);
    for (const volumeName of parts.flatMap((part) => part.ownedVolumeNames ?? [])) {
      this.config.giveToService(volumeName);
    }

    this.resource = serviceContainer(this, props, {
      imageId: this.image.imageId,
      entrypoint: ["/bin/sh", "-c"],
      command: [nginxRunner(isFollowed)],
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
      healthCommand: proxyHealthCommand(isFollowed, status?.hasDiskReserve),
      dependsOn: [this.config.writer, ...(this.certificateFollower ? [this.certificateFollower.resource] : [])],
      replacedWith: [],
    });
  }
}

/** The files by which a registry tells what it can do, as nginx.conf names them. */
function statusFiles({
  mount,
  hasWindows,
  hasDiskReserve,
}: RegistryStatus): Pick<NginxConfig, "windowFile" | "diskFiles"> {
  const file = (name: string) => `${mount.containerPath}/${name}`;
  return {
    windowFile: hasWindows === false ? undefined : file(WINDOW),
    diskFiles: hasDiskReserve ? { low: file(DISK_LOW), full: file(DISK_FULL) } : undefined,
  };
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
