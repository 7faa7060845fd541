import type { Container, ContainerPorts } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import { Network } from "@cdktf/provider-docker/lib/network";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { defaultName } from "../core/names";
import type { PublicEndpoint } from "../core/public-endpoint";
import { terraformText } from "../core/terraform-text";
import { CONFIG_FOLDER, ConfigVolume } from "../docker/config-volume";
import { ContainerImage } from "../docker/container-image";
import { warnAboutMovingTag } from "../docker/image-reference";
import { type ServiceContainerProps, serviceContainer } from "../docker/service-container";
import { pushersOfPullOnly } from "../registry/pull-only";
import type { IRegistry } from "../registry/registry-container";
import type { RegistryUpstream } from "../registry/registry-listener";
import type { ICertificate } from "../tls/certificate";
import { AccessLog } from "./access-log";
import type { IProxyAuth, ProxyBinding } from "./binding";
import { HEALTH_SOCKET, renderNginxConfig } from "./conf/main";
import { oldClients } from "./conf/old-clients";
import { nginxTls, SERVER_CERTIFICATE, SERVER_KEY, TlsProfile } from "./conf/tls";
import { UPSTREAM_CA } from "./conf/upstream";
import { requireSoundProps } from "./nginx-proxy-checks";
import { NGINX_CHECK, NGINX_RUNNER, proxyHealthCommand } from "./runner";

// Ports above 1024: nginx runs without privileges.
const HTTP_PORT = 8080;
const HTTPS_PORT = 8443;

/** The only published door of a registry. */
export interface NginxProxyProps extends ServiceContainerProps {
  /** Where clients find the registry; the engine publishes it there. */
  readonly endpoint: PublicEndpoint;

  /** The registry behind the proxy. */
  readonly registry: IRegistry;

  /**
   * Who may pull and who may push, checked by the proxy; the registry can check instead.
   *
   * @default - everybody who reaches the port
   */
  readonly auth?: IProxyAuth;

  /**
   * What the proxy serves TLS with; needed for an HTTPS endpoint, refused for an HTTP one.
   *
   * @default - none: plain HTTP
   */
  readonly certificate?: ICertificate;

  /**
   * Which clients are understood: older ones, or only today's.
   *
   * @default TlsProfile.INTERMEDIATE
   */
  readonly tlsProfile?: TlsProfile;

  /**
   * Key exchange groups in the order of preference, as OpenSSL names them.
   * Leave the first of the default out with an nginx on an OpenSSL older than 3.5.
   *
   * @default ["X25519MLKEM768", "X25519", "prime256v1", "secp384r1"]
   */
  readonly keyExchangeGroups?: string[];

  /**
   * How long browsers must not use plain HTTP for this host any more, in seconds.
   * Mind that it counts for every port of the host.
   *
   * @default - the Strict-Transport-Security header is not sent
   */
  readonly hstsSeconds?: number;

  /**
   * A port, published beside the endpoint's, on which plain requests are sent to the HTTPS endpoint (308).
   *
   * @default - no HTTP at all
   */
  readonly httpRedirectPort?: number;

  /**
   * Whether clients from before Docker 1.6 get 404, as they speak another protocol and would only be confused.
   *
   * @default false
   */
  readonly refuseOldClients?: boolean;

  /**
   * Where requests are written down, with the upstream's address and times.
   *
   * @default AccessLog.toLogDriver()
   */
  readonly accessLog?: AccessLog;

  /**
   * nginx's image; it needs a shell and curl, as the maintainers' image has them.
   *
   * @default ContainerImage.NGINX
   */
  readonly image?: ContainerImage;

  /**
   * The largest request body that is taken, in MiB; a larger layer is answered with 413.
   *
   * @default 0 - no limit: layers have no size that one could guess
   */
  readonly bodyLimitMiB?: number;

  /**
   * How long a client may take to send its request's header, in seconds.
   *
   * @default 60
   */
  readonly headerTimeoutSeconds?: number;

  /**
   * The longest pause of a client within an upload or a download, in seconds.
   *
   * @default 900
   */
  readonly bodyTimeoutSeconds?: number;

  /**
   * The longest pause of the registry, in seconds: it verifies a big layer before it answers.
   *
   * @default 900
   */
  readonly upstreamTimeoutSeconds?: number;

  /**
   * How long an idle connection is kept open, in seconds.
   *
   * @default 65
   */
  readonly keepaliveTimeoutSeconds?: number;

  /**
   * Whether nginx sends the files of blobs that the registry allows, instead of copying them through the registry.
   * The registry still decides on each request.
   *
   * @default true where the registry's storage is the filesystem; other storages keep no files that nginx could send
   */
  readonly acceleratedPulls?: boolean;

  /**
   * Connections per worker; there is a worker per core, and a proxied request takes two.
   *
   * @default 4096
   */
  readonly workerConnections?: number;

  /**
   * Directives of your own in the public server, a line each, such as `"allow 10.0.0.0/8;"`.
   * nginx tries them before they are taken over: a deploy with a broken one fails and changes nothing.
   *
   * @default - none
   * @see https://nginx.org/en/docs/http/ngx_http_core_module.html#server
   */
  readonly extraServerDirectives?: string[];
}

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

  /** The address that clients use, `scheme://host[:port]`. */
  public readonly url: string;

  constructor(scope: Construct, id: string, props: NginxProxyProps) {
    super(scope, id);
    requireSoundProps(this, props);
    const { endpoint } = props;
    const { upstream } = props.registry;
    const image = props.image ?? ContainerImage.NGINX;
    warnAboutMovingTag(this, image.reference);
    this.url = endpoint.url;
    this.image = new Image(this, "Image", { name: image.reference, keepLocally: true });
    this.network = new Network(this, "Network", { name: defaultName(this) });

    this.config = new ConfigVolume(this, "Config", { imageId: this.image.imageId, check: NGINX_CHECK });
    const parts: ProxyBinding[] = [
      (props.accessLog ?? AccessLog.toLogDriver()).bindToProxy(this),
      ...(props.certificate ? [tlsBinding(props, props.certificate)] : []),
      ...(upstream.caCertificatePem
        ? [{ nginx: {}, files: [{ path: UPSTREAM_CA, content: upstream.caCertificatePem }] }]
        : []),
      ...(props.refuseOldClients ? [{ nginx: oldClients() }] : []),
      ...(props.auth ? [props.auth.bindToProxy(this)] : []),
    ];
    const { users } = parts.find((part) => part.users) ?? {};
    this.node.addValidation({ validate: () => pushersOfPullOnly(props.registry, users) });
    const blobs = props.acceleratedPulls === false ? undefined : props.registry.blobs?.sendByProxy();
    const render = () =>
      renderNginxConfig({
        listen: props.certificate ? `${HTTPS_PORT} ssl` : `${HTTP_PORT}`,
        host: endpoint.host,
        scheme: endpoint.scheme,
        upstream: { address: upstream.address, tlsServerName: upstreamName(upstream) },
        workerConnections: props.workerConnections ?? 4096,
        bodyLimitMiB: props.bodyLimitMiB ?? 0,
        headerTimeoutSeconds: props.headerTimeoutSeconds ?? 60,
        bodyTimeoutSeconds: props.bodyTimeoutSeconds ?? 900,
        upstreamTimeoutSeconds: props.upstreamTimeoutSeconds ?? 900,
        keepaliveTimeoutSeconds: props.keepaliveTimeoutSeconds ?? 65,
        fragments: parts.map((part) => part.nginx),
        blobs,
        users: props.registry.users,
        extraServerDirectives: props.extraServerDirectives ?? [],
      });
    // Late, so that what is said of the parts after this line still counts.
    this.config.addFile("nginx.conf", Lazy.stringValue({ produce: () => terraformText(render()) }));
    for (const file of parts.flatMap((part) => part.files ?? [])) {
      this.config.addSecretFile(file.path, file.content, file.review);
    }
    for (const volumeName of parts.flatMap((part) => part.ownedVolumeNames ?? [])) {
      this.config.handOver(volumeName);
    }

    this.resource = serviceContainer(this, props, {
      imageId: this.image.imageId,
      entrypoint: ["/bin/sh", "-c"],
      command: [NGINX_RUNNER],
      tmpfs: { "/tmp": "size=64m,mode=1777" },
      mounts: [
        this.config.mountAt(CONFIG_FOLDER),
        ...(upstream.mounts ?? []),
        ...(blobs ? [blobs.mount] : []),
        ...parts.flatMap((part) => part.mounts ?? []),
      ],
      networkNames: [this.network.name, ...(upstream.networkNames ?? [])],
      ports: publishedPorts(props),
      healthCommand: proxyHealthCommand(HEALTH_SOCKET),
      dependsOn: [this.config.writer],
      replacedWith: [],
    });
  }
}

function tlsBinding(props: NginxProxyProps, certificate: ICertificate): ProxyBinding {
  return {
    nginx: nginxTls({
      modern: props.tlsProfile === TlsProfile.MODERN,
      keyExchangeGroups: props.keyExchangeGroups ?? ["X25519MLKEM768", "X25519", "prime256v1", "secp384r1"],
      hstsSeconds: props.hstsSeconds,
      redirect: props.httpRedirectPort ? { listen: `${HTTP_PORT}`, url: props.endpoint.url } : undefined,
    }),
    files: [
      { path: SERVER_CERTIFICATE, content: certificate.certificateChainPem },
      { path: SERVER_KEY, content: certificate.privateKeyPem },
    ],
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

function upstreamName(upstream: RegistryUpstream): string | undefined {
  return upstream.caCertificatePem ? upstream.address.replace(/:\d+$/, "") : undefined;
}
