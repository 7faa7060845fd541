import { Construct } from "constructs";
import { ClientTrust } from "../client/client-trust";
import { invalidInput } from "../core/errors";
import { qualifiedName } from "../core/names";
import { MetricsService } from "../swarm/metrics-service";
import { NginxService } from "../swarm/nginx-service";
import { RedisService } from "../swarm/redis-service";
import { RegistryService } from "../swarm/registry-service";
import { SelfSignedCA } from "../tls/self-signed-ca";
import type { IServerCertificate } from "../tls/server-certificate";
import { HtpasswdAuth } from "../users/htpasswd-auth";
import { requireCertificateOfCa, requireUsersBesideEverybody } from "./checks";
import { issueServerCertificate } from "./issued-certificate";
import { addRegistryOutputs } from "./registry-outputs";
import type { SwarmRegistryProps } from "./swarm-registry-props";

/**
 * The registry of a `PrivateRegistry` on several machines, as services of Docker Swarm: replicas of the registry that share
 * a bucket and a Redis, and an nginx on each node. Terraform talks to a manager of the Swarm.
 *
 * The stack needs the docker, random and local providers, and with HTTPS the tls provider.
 *
 * @example
 * import { TerraformVariable } from "cdktf";
 * import { Access, HtpasswdUser, PublicEndpoint, RegistryStorage, SwarmRegistry } from "cdktf-docker-registry";
 *
 * const secretKey = new TerraformVariable(stack, "secret_key", { type: "string", sensitive: true }).stringValue;
 * const registry = new SwarmRegistry(stack, "Default", {
 *   endpoint: PublicEndpoint.https({ host: "registry.example.com", publishAddress: "0.0.0.0" }),
 *   storage: RegistryStorage.s3({ bucket: "images", region: "eu-central-1", accessKey: "registry", secretKey }),
 *   users: [HtpasswdUser.generated("ci", { access: Access.PUSH })],
 *   nodes: 3,
 * });
 * registry.addOutputs();
 */
export class SwarmRegistry extends Construct {
  /** The address that clients use, `scheme://host[:port]`. */
  public readonly url: string;

  /** The address as image names begin with it, `host[:port]`. */
  public readonly hostPort: string;

  /** The authority, where the registry has its own. */
  public readonly ca?: SelfSignedCA;

  /** What nginx serves TLS with, where the endpoint is HTTPS. */
  public readonly certificate?: IServerCertificate;

  /** The CA that clients have to trust, in PEM; not set where they trust the certificate anyway. */
  public readonly caCertificatePem?: string;

  /** The folder with what a client's machine needs. */
  public readonly clientTrust: ClientTrust;

  /** The users, where there are any. */
  public readonly users?: HtpasswdAuth;

  /** The Redis, where there is one. */
  public readonly cache?: RedisService;

  /** The registries. */
  public readonly registry: RegistryService;

  /** nginx on each node. */
  public readonly proxy: NginxService;

  /** Where Prometheus finds the metrics, if `registryOptions.metrics` wants them. */
  public readonly metrics?: MetricsService;

  /**
   * @throws when a prop needs the one machine that a container runs on, or has no effect without another one
   */
  constructor(scope: Construct, id: string, props: SwarmRegistryProps) {
    super(scope, id);
    const { endpoint, nodes, encryptedNetworks } = props;
    this.url = endpoint.url;
    this.hostPort = endpoint.hostPort;
    requireSoundProps(this, props);
    const isHttps = endpoint.scheme === "https";
    const name = qualifiedName(this);

    if (isHttps && !props.certificate) {
      this.ca = new SelfSignedCA(this, "CA", { commonName: `${name} registry CA`.slice(-64) });
    }
    this.certificate =
      props.certificate ?? (this.ca && issueServerCertificate(this.ca, endpoint, props.alternativeNames));
    this.caCertificatePem = props.certificate ? props.caCertificatePem : this.ca?.certificatePem;
    this.clientTrust = new ClientTrust(this, "ClientTrust", {
      endpoint,
      caCertificatePem: this.caCertificatePem,
      directory: `client-trust/${name}`,
    });
    this.users =
      props.users &&
      new HtpasswdAuth(this, "Users", {
        users: props.users,
        everybody: props.everybody,
        realm: `${name} registry`,
      });
    this.cache =
      props.redisCache === false
        ? undefined
        : new RedisService(this, "Cache", { encryptedNetworks, ...props.redisService, ...props.redisOptions });
    this.registry = new RegistryService(this, "Registry", {
      storage: props.storage,
      cache: this.cache,
      replicas: props.replicas,
      nodes,
      encryptedNetworks,
      ...props.registryService,
      ...props.registryOptions,
    });
    this.proxy = new NginxService(this, "Proxy", {
      endpoint,
      registry: this.registry,
      certificate: this.certificate,
      auth: this.users,
      otherHostNames: props.alternativeNames,
      nodes,
      ...props.proxyService,
      ...props.proxyOptions,
    });
    this.metrics =
      props.registryOptions?.metrics &&
      new MetricsService(this, "Metrics", {
        registry: this.registry,
        proxies: [this.proxy],
        cache: this.cache,
        image: props.proxyOptions?.image,
        nodes,
      });
  }

  /**
   * Adds outputs to the stack: `registry_url`, `registry_host` and `client_trust_directory`; with TLS
   * `certificate_expires_at`; with a CA that clients have to trust `ca_certificate`, with users `users`, the generated
   * passwords.
   *
   * @param prefix before each name, where a stack has several registries
   */
  public addOutputs(prefix?: string): void {
    addRegistryOutputs(this, this, prefix);
  }
}

/** What would be ignored without a word. */
function requireSoundProps(where: Construct, props: SwarmRegistryProps): void {
  requireCertificateOfCa(where, props);
  requireUsersBesideEverybody(where, props);
  if (props.redisCache === false && (props.redisOptions ?? props.redisService) !== undefined) {
    throw invalidInput({
      where,
      field: props.redisOptions ? "redisOptions" : "redisService",
      got: "options",
      expected: "none without a Redis",
      fix: "leave it out, or redisCache",
    });
  }
}
