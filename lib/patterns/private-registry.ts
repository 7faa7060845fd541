import { Construct } from "constructs";
import { RegistryBackup } from "../backup/registry-backup";
import { RegistryBrowser } from "../browser/registry-browser";
import { RedisCache } from "../cache/redis-cache";
import { ClientTrust } from "../client/client-trust";
import { qualifiedName } from "../core/names";
import { PrometheusServer } from "../metrics/prometheus-server";
import { RegistryMetrics } from "../metrics/registry-metrics";
import { NginxProxy } from "../proxy/nginx-proxy";
import { MirrorContainer } from "../registry/mirror-container";
import type { IRegistry } from "../registry/registry";
import { RegistryContainer } from "../registry/registry-container";
import type { RegistryContainerProps } from "../registry/registry-container-props";
import { RegistryListener } from "../registry/registry-listener";
import { RegistryStorage } from "../registry/registry-storage";
import { SelfSignedCA } from "../tls/self-signed-ca";
import type { IServerCertificate } from "../tls/server-certificate";
import { HtpasswdAuth } from "../users/htpasswd-auth";
import { LoginPlace } from "../users/login-place";
import { issueServerCertificate } from "./issued-certificate";
import { requireSoundProps } from "./private-registry-checks";
import type { PrivateRegistryProps } from "./private-registry-props";
import { addRegistryOutputs } from "./registry-outputs";

/**
 * A registry with all that belongs to it: authority and certificate, users, cache, registry, proxy and the folder that
 * makes clients trust it.
 *
 * `new PrivateRegistry(stack, "Default", { endpoint, users })` is a good registry. cdktf leaves the id `Default` out of
 * names and addresses; another id becomes part of both, so that a stack can have several.
 *
 * The stack needs the docker, random and local providers, and with HTTPS the tls provider.
 *
 * @example
 * import { Access, HtpasswdUser, PrivateRegistry, PublicEndpoint } from "cdktf-docker-registry";
 *
 * const registry = new PrivateRegistry(stack, "Default", {
 *   endpoint: PublicEndpoint.https({ host: "registry.example.com" }),
 *   users: [HtpasswdUser.generated("ci", { access: Access.PUSH })],
 * });
 * registry.addOutputs();
 */
export class PrivateRegistry extends Construct {
  /** The address that clients use, `scheme://host[:port]`. */
  public readonly url: string;

  /** The address as image names begin with it, `host[:port]`. */
  public readonly hostPort: string;

  /** The authority, where the registry has its own. */
  public readonly ca?: SelfSignedCA;

  /** What the proxy serves TLS with, where the endpoint is HTTPS. */
  public readonly certificate?: IServerCertificate;

  /** The CA that clients have to trust, in PEM; not set where they trust the certificate anyway. */
  public readonly caCertificatePem?: string;

  /** The folder with what a client's machine needs. */
  public readonly clientTrust: ClientTrust;

  /** The users, where there are any. */
  public readonly users?: HtpasswdAuth;

  /** The Redis, where there is one. */
  public readonly cache?: RedisCache;

  /** What the proxy stands in front of: a `RegistryContainer`, or a `MirrorContainer` where there is an upstream. */
  public readonly registry: IRegistry;

  /** What backs the images up, where it is wanted. */
  public readonly backup?: RegistryBackup;

  /** What watches the registry, where it is wanted. */
  public readonly prometheus?: PrometheusServer;

  /** The proxy. */
  public readonly proxy: NginxProxy;

  /**
   * @throws when a prop is given that has no effect without another one
   */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: PrivateRegistryProps,
  ) {
    super(scope, id);
    const { endpoint, proxyOptions } = props;
    this.url = endpoint.url;
    this.hostPort = endpoint.hostPort;
    requireSoundProps(this, props);
    const isHttps = endpoint.scheme === "https";
    const name = qualifiedName(this);

    if ((isHttps && !props.certificate) || props.reencrypted) {
      this.ca = new SelfSignedCA(this, "CA", { commonName: `${name} registry CA`.slice(-64) });
    }
    this.certificate =
      props.certificate ??
      (isHttps && this.ca ? issueServerCertificate(this.ca, endpoint, props.alternativeNames) : undefined);
    this.caCertificatePem = props.certificate || !isHttps ? props.caCertificatePem : this.ca?.certificatePem;
    this.clientTrust = new ClientTrust(this, "ClientTrust", {
      endpoint,
      caCertificatePem: this.caCertificatePem,
      directory: `client-trust/${name}`,
    });
    const atRegistry = props.loginPlace === LoginPlace.REGISTRY;
    this.users =
      props.users &&
      new HtpasswdAuth(this, "Users", {
        users: props.users,
        everybody: props.everybody,
        realm: `${name} registry`,
        tokens: atRegistry ? false : undefined,
      });
    this.cache = props.redisCache ? new RedisCache(this, "Cache", props.redisOptions) : undefined;

    const options: RegistryContainerProps = {
      storage: RegistryStorage.filesystem({ protectData: props.protectData }),
      cache: this.cache,
      auth: atRegistry ? this.users : undefined,
      metrics: props.monitoring && RegistryMetrics.prometheus({ image: proxyOptions?.image }),
      ...this.tlsListener(`${name}-registry`),
      ...props.registryOptions,
    };
    if (props.upstream) {
      this.registry = new MirrorContainer(this, "Registry", { ...options, upstream: props.upstream });
    } else {
      const registry = new RegistryContainer(this, "Registry", options);
      this.registry = registry;
      this.backup = props.backup && new RegistryBackup(this, "Backup", { ...props.backup, registry });
    }
    this.proxy = new NginxProxy(this, "Proxy", {
      endpoint,
      registry: this.registry,
      certificate: this.certificate,
      auth: atRegistry ? undefined : this.users,
      otherHostNames: props.alternativeNames,
      ...proxyOptions,
      parts: [...(props.browser ? [new RegistryBrowser()] : []), ...(proxyOptions?.parts ?? [])],
    });
    this.prometheus =
      props.monitoring &&
      new PrometheusServer(this, "Prometheus", { ...props.monitoring, registries: [this.registry] });
  }

  /**
   * Adds outputs to the stack: `registry_url`, `registry_host` and `client_trust_directory`; with TLS
   * `certificate_expires_at`, unless somebody else renews the certificate; with a CA that clients have to trust
   * `ca_certificate`, with users `users`, the generated passwords, with a backup `backup_password`.
   *
   * @param prefix before each name, where a stack has several registries
   */
  public addOutputs(prefix?: string): void {
    addRegistryOutputs(
      this,
      {
        url: this.url,
        hostPort: this.hostPort,
        clientTrust: this.clientTrust,
        caCertificatePem: this.caCertificatePem,
        certificate: this.certificate,
        users: this.users,
        backupPassword: this.backup?.password,
      },
      prefix,
    );
  }

  private tlsListener(containerName: string): RegistryContainerProps {
    if (!this.props.reencrypted || !this.ca) {
      return {};
    }
    const certificate = this.ca.issueCertificate("Registry", { dnsNames: [containerName] });
    const listener = RegistryListener.tls({ certificate, caCertificatePem: this.ca.certificatePem });
    return { containerName, listener };
  }
}
