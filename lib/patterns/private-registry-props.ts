import type { RegistryBackupOptions } from "../backup/registry-backup-props";
import type { RedisCacheProps } from "../cache/redis-cache-props";
import type { PublicEndpoint } from "../core/public-endpoint";
import type { PrometheusServerOptions } from "../metrics/prometheus-server-props";
import type { NginxProxyOptions } from "../proxy/nginx-proxy-props";
import type { MirrorUpstream } from "../registry/mirror-upstream";
import type { RegistryContainerProps } from "../registry/registry-container-props";
import type { IServerCertificate } from "../tls/server-certificate";
import type { HtpasswdUser } from "../users/htpasswd-user";
import type { LoginPlace } from "../users/login-place";
import type { Permission } from "../users/permission";

/** A whole registry: who reaches it where, and what it is made of. */
export interface PrivateRegistryProps {
  /** Where clients find the registry; with HTTPS it gets an authority and a certificate of its own. */
  readonly endpoint: PublicEndpoint;

  /**
   * Who may pull and who may push.
   *
   * @default - everybody who reaches the port may do both
   */
  readonly users?: HtpasswdUser[];

  /**
   * What everybody may do who reaches the port, without a login; users may do it too. The proxy has to check the users,
   * and needs an nginx with njs.
   *
   * @default - nothing where there are users, everything where there are none
   */
  readonly everybody?: Permission[];

  /**
   * Where passwords are checked.
   *
   * @default LoginPlace.PROXY
   */
  readonly loginPlace?: LoginPlace;

  /**
   * A certificate that you have, such as `Certificate.fromPem()`, or that somebody else renews, `Certificate.fromFolder()`;
   * it must be for the endpoint's host.
   *
   * @default - one of an authority of the registry's own, where the endpoint is HTTPS
   */
  readonly certificate?: IServerCertificate;

  /**
   * The CA of the given `certificate`, in PEM, where clients do not trust it anyway.
   *
   * @default - clients trust it already
   */
  readonly caCertificatePem?: string;

  /**
   * Further DNS names and IP addresses by which clients reach the registry, beside the endpoint's host. The registry's
   * own certificate is for them too, and over plain HTTP the proxy takes them.
   *
   * @default - none
   */
  readonly alternativeNames?: string[];

  /**
   * Whether the registry serves TLS itself, so that the way from the proxy is encrypted too.
   *
   * @default false: the proxy reaches it by a socket that nobody else can open
   */
  readonly reencrypted?: boolean;

  /**
   * Whether a Redis keeps what the registry knows of its blobs, instead of the registry's memory.
   *
   * @default false
   */
  readonly redisCache?: boolean;

  /**
   * Another registry that this one is a pull-through cache of; it is read-only then.
   *
   * @default - none: images are pushed to this one
   */
  readonly upstream?: MirrorUpstream;

  /**
   * Whether Terraform refuses every plan that would destroy the volume with the images. Has no effect on a storage that
   * `registryOptions` names.
   *
   * @default true
   */
  readonly protectData?: boolean;

  /**
   * Whether a page at the registry's address shows what is in it, to those who may see it.
   *
   * @default false
   */
  readonly browser?: boolean;

  /**
   * How the images are backed up; for a registry that keeps them in a volume.
   *
   * @default - not at all
   */
  readonly backup?: RegistryBackupOptions;

  /**
   * A Prometheus that watches the registry and alerts; the registry then has `metrics`.
   *
   * @default - none
   */
  readonly monitoring?: PrometheusServerOptions;

  /**
   * What else the registry's container is to be; it wins over what this pattern chooses.
   *
   * @default - the defaults of RegistryContainer
   */
  readonly registryOptions?: RegistryContainerProps;

  /**
   * What else the proxy is to be.
   *
   * @default - the defaults of NginxProxy
   */
  readonly proxyOptions?: NginxProxyOptions;

  /**
   * What else the Redis is to be.
   *
   * @default - the defaults of RedisCache
   */
  readonly redisOptions?: RedisCacheProps;
}
