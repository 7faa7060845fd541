import type { RedisCacheProps } from "../cache/redis-cache-props";
import type { PublicEndpoint } from "../core/public-endpoint";
import type { NginxProxyOptions } from "../proxy/nginx-proxy-props";
import type { RegistryContainerProps } from "../registry/registry-container-props";
import type { RegistryStorage } from "../registry/registry-storage";
import type { SwarmServiceOptions } from "../swarm/service-props";
import type { IServerCertificate } from "../tls/server-certificate";
import type { HtpasswdUser } from "../users/htpasswd-user";
import type { Permission } from "../users/permission";

/** A whole registry on a Swarm: who reaches it where, and what it is made of. */
export interface SwarmRegistryProps {
  /**
   * Where clients find the registry: a name that leads to the nodes, or to a balancer in front of them. With HTTPS it gets
   * an authority and a certificate of its own. Its `publishAddress` has to be "0.0.0.0", as Swarm knows no other.
   */
  readonly endpoint: PublicEndpoint;

  /** Where the images are, for all nodes: `RegistryStorage.s3()`. */
  readonly storage: RegistryStorage;

  /**
   * How many registries there are.
   *
   * @default 2
   */
  readonly replicas?: number;

  /**
   * How many nodes there are. A deploy waits for an nginx on each of them, and fails when they go back to the former version.
   *
   * @default - not known: each node that the placement allows has an nginx, also one that joins later; a deploy does not wait
   * for them
   */
  readonly nodes?: number;

  /**
   * Who may pull and who may push, checked by nginx on each node.
   *
   * @default - everybody who reaches the port may do both
   */
  readonly users?: HtpasswdUser[];

  /**
   * What everybody may do who reaches the port, without a login.
   *
   * @default - nothing where there are users, everything where there are none
   */
  readonly everybody?: Permission[];

  /**
   * A certificate that you have, `Certificate.fromPem()`; it must be for the endpoint's host.
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
   * Further DNS names and IP addresses by which clients reach the registry, such as those of single nodes.
   *
   * @default - none
   */
  readonly alternativeNames?: string[];

  /**
   * Whether the registries share a Redis for what they know of their blobs. Without it each replica goes by its own memory,
   * and gives blobs for a while that another one has deleted.
   *
   * @default true
   */
  readonly redisCache?: boolean;

  /**
   * Whether the nodes' kernels encrypt what they say to each other for the registry (IPsec). Otherwise passwords and images
   * cross the network between the nodes in clear.
   *
   * @default false
   */
  readonly encryptedNetworks?: boolean;

  /**
   * Where the registries run, how they are updated, and what they may use.
   *
   * @default - anywhere, one after the other, without limits
   */
  readonly registryService?: SwarmServiceOptions;

  /**
   * The same of nginx.
   *
   * @default - on all nodes
   */
  readonly proxyService?: SwarmServiceOptions;

  /**
   * The same of the Redis.
   *
   * @default - on any node
   */
  readonly redisService?: SwarmServiceOptions;

  /**
   * What else the registries are to be; it wins over what this pattern chooses.
   *
   * @default - the defaults of RegistryService
   */
  readonly registryOptions?: RegistryContainerProps;

  /**
   * What else nginx is to be.
   *
   * @default - the defaults of NginxService
   */
  readonly proxyOptions?: NginxProxyOptions;

  /**
   * What else the Redis is to be.
   *
   * @default - the defaults of RedisService
   */
  readonly redisOptions?: RedisCacheProps;
}
