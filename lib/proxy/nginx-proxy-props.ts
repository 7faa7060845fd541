import type { PublicEndpoint } from "../core/public-endpoint";
import type { ContainerImage } from "../docker/container-image";
import type { ServiceContainerProps } from "../docker/service-container";
import type { IRegistry } from "../registry/registry";
import type { IServerCertificate } from "../tls/server-certificate";
import type { AccessLog } from "./access-log";
import type { AuditLog } from "./audit-log";
import type { TlsProfile } from "./conf/tls";
import type { IProxyAuth, IProxyPart } from "./proxy-part";

/** What a proxy lets its user choose, whatever registry it stands in front of. */
export interface NginxProxyOptions extends ServiceContainerProps {
  /**
   * Which clients are understood: older ones, or only today's.
   *
   * @default TlsProfile.INTERMEDIATE
   */
  readonly tlsProfile?: TlsProfile;

  /**
   * Key exchange groups in the order of preference, as the OpenSSL of nginx's image names them.
   *
   * @default - X25519MLKEM768 where that OpenSSL knows it (3.5 and newer), then X25519, prime256v1, secp384r1
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
   * Where it is written down who pushed, deleted or was refused what; pulls are not in it. It needs an nginx with njs.
   *
   * @default - nowhere
   */
  readonly auditLog?: AuditLog;

  /**
   * nginx's image; it needs a shell, and curl or wget, as all images of its maintainers have them.
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
   * @default 300
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
   * Whether nginx answers pulls from the registry's own files without asking it: faster, and there while the registry is
   * not. Manifests need an image with njs, as `nginx:1.28` has it; with others they come from the registry. Tags of a
   * mirror do too, as its upstream moves them. See docs/architecture.md, "Direct pulls".
   *
   * @default true, but for a registry that checks users itself, tells receivers of pulls or has a middleware
   */
  readonly directPulls?: boolean;

  /**
   * Connections per worker; there is a worker per core, and a proxied request takes two.
   *
   * @default 4096
   */
  readonly workerConnections?: number;

  /**
   * Requests of one address, or of one /64 network of IPv6, that are in progress at a time; more get 429. A docker client has
   * up to ten. Behind a load balancer that `trustedProxies` does not name, and with a rootless engine, all clients have one
   * address: set it to `workerConnections` there.
   *
   * @default - a quarter of workerConnections: 1024
   */
  readonly connectionsPerAddress?: number;

  /**
   * Requests with one login, from whatever addresses, that are in progress at a time; more get 429. A login is a name with its
   * password, or a token: with a wrong password nobody uses up what another one has. Logins of more than 255 characters are not counted.
   *
   * @default - half of workerConnections, 2048, where the proxy checks users; otherwise no limit
   */
  readonly connectionsPerLogin?: number;

  /**
   * Addresses or networks of balancers in front, as in `["10.0.0.1", "10.1.0.0/16"]`: what their `X-Forwarded-For` says is the
   * client's address then, for all limits and logs. Whoever is named may claim any address; the balancer must set the
   * header itself, or add the client's address at its end.
   *
   * @default - none: the address is that of whoever connects
   */
  readonly trustedProxies?: string[];

  /**
   * Further names and addresses by which clients reach the proxy, beside the endpoint's host. Others get 421: over plain
   * HTTP a page in a browser could give this registry a name of its own, and a token's realm is where clients send
   * passwords. Over HTTPS only a registry with tokens asks, and its certificate has to be for each name; over plain
   * HTTP addresses, names without a dot and names for private use, such as `*.local`, need no mention.
   *
   * @default - the endpoint's host only
   */
  readonly otherHostNames?: string[];

  /**
   * Parts of your own, bound after all others.
   *
   * @default - none
   */
  readonly parts?: IProxyPart[];

  /**
   * Directives of your own in the public server, a line each, such as `"allow 10.0.0.0/8;"`.
   * nginx tries them before they are taken over: a deploy with a broken one fails and changes nothing.
   *
   * @default - none
   * @see https://nginx.org/en/docs/http/ngx_http_core_module.html#server
   */
  readonly extraServerDirectives?: string[];
}

/** nginx in front of a registry, and the only part of it that is published. */
export interface NginxProxyProps extends NginxProxyOptions {
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
   * What the proxy serves TLS with; needed for an HTTPS endpoint, refused for an HTTP one. One that somebody else renews
   * (`Certificate.fromFolder`) needs an image with openssl, as nginx' maintainers' Debian images have it.
   *
   * @default - none: plain HTTP
   */
  readonly certificate?: IServerCertificate;
}
