import { isIP } from "node:net";
import { Lazy, TerraformOutput, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { RegistryBackup } from "../backup/registry-backup";
import { RedisCache } from "../cache/redis-cache";
import { ClientTrust } from "../client/client-trust";
import { invalidInput } from "../core/errors";
import { qualifiedName } from "../core/names";
import { NginxProxy } from "../proxy/nginx-proxy";
import { MirrorContainer } from "../registry/mirror-container";
import type { IRegistry } from "../registry/registry";
import { RegistryContainer } from "../registry/registry-container";
import type { RegistryContainerProps } from "../registry/registry-container-props";
import { RegistryListener } from "../registry/registry-listener";
import { RegistryStorage } from "../registry/registry-storage";
import { type ICertificate, knownCertificate } from "../tls/certificate";
import { SelfSignedCA } from "../tls/self-signed-ca";
import type { IServerCertificate } from "../tls/server-certificate";
import { HtpasswdAuth } from "../users/htpasswd-auth";
import { LoginPlace } from "../users/login-place";
import type { PrivateRegistryProps } from "./private-registry-props";

/**
 * A registry with all that belongs to it: authority and certificate, users, cache, registry, proxy and the folder that
 * makes clients trust it.
 *
 * `new PrivateRegistry(stack, "Default", { endpoint, users })` is a good registry. cdktf leaves the id `Default` out of
 * names and addresses; another id becomes part of both, so that a stack can have several.
 *
 * The stack needs the docker, random and local providers, and with HTTPS the tls provider.
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
    this.certificate = props.certificate ?? (isHttps ? this.issueCertificate() : undefined);
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
    });
  }

  /**
   * Adds outputs to the stack: `registry_url`, `registry_host` and `client_trust_directory`; with TLS
   * `certificate_expires_at`, unless somebody else renews the certificate; with a CA that clients have to trust
   * `ca_certificate`, with users `users`, the generated passwords, with a backup `backup_password`.
   *
   * @param prefix before each name, where a stack has several registries
   */
  public addOutputs(prefix?: string): void {
    const stack = TerraformStack.of(this);
    const add = (name: string, description: string, value: unknown, sensitive?: boolean): void => {
      const output = new TerraformOutput(stack, `${prefix ?? ""}${name}`, { value, description, sensitive });
      output.overrideLogicalId(output.node.id);
    };
    add("registry_url", "Address of the registry", this.url);
    add("registry_host", "The registry as image names begin with it", this.hostPort);
    add("client_trust_directory", "Folder to copy to clients, with an install script", this.clientTrust.directory);
    if (this.caCertificatePem) {
      add("ca_certificate", "The CA's certificate, for clients", this.caCertificatePem);
    }
    const known = knownCertificate(this.certificate);
    if (known) {
      add("certificate_expires_at", "When the server's certificate expires", known.expiresAt);
    }
    const { users } = this;
    if (users) {
      // Late, for users who are added after this line.
      add("users", "Generated passwords by user", Lazy.anyValue({ produce: () => users.passwords }), true);
    }
    if (this.backup) {
      add("backup_password", "What backups are encrypted with", this.backup.password, true);
    }
  }

  private issueCertificate(): ICertificate | undefined {
    const names = this.props.alternativeNames ?? [];
    return this.ca?.issueCertificate("Server", {
      endpoint: this.props.endpoint,
      dnsNames: names.filter((name) => !isIP(name)),
      ipAddresses: names.filter((name) => isIP(name)),
    });
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

/** What would be ignored without a word. */
function requireSoundProps(where: Construct, props: PrivateRegistryProps): void {
  const { backup, caCertificatePem, certificate, everybody, loginPlace, redisCache, redisOptions, users } = props;
  if (backup !== undefined && props.upstream !== undefined) {
    throw invalidInput({
      where,
      field: "backup",
      got: "a backup",
      expected: "none of a mirror, whose copies come again by themselves",
      fix: "back its upstream up, and leave backup out",
    });
  }
  if (caCertificatePem !== undefined && certificate === undefined) {
    throw invalidInput({
      where,
      field: "caCertificatePem",
      got: "a CA",
      expected: "none without the certificate that it has issued",
      fix: "give certificate too, or leave both out: the registry then has an authority of its own",
    });
  }
  if (loginPlace !== undefined && users === undefined) {
    throw invalidInput({
      where,
      field: "loginPlace",
      got: loginPlace,
      expected: "nothing where there are no users",
      fix: "give users, or leave loginPlace out",
    });
  }
  if (everybody !== undefined && users === undefined) {
    throw invalidInput({
      where,
      field: "everybody",
      got: "permissions",
      expected: "nothing where there are no users: everybody may do everything then",
      fix: "give users, who may push, or leave everybody out",
    });
  }
  if (everybody?.length && loginPlace === LoginPlace.REGISTRY) {
    throw invalidInput({
      where,
      field: "everybody",
      got: "permissions",
      expected: "nothing where the registry checks the users: it asks each request for a password",
      fix: "leave loginPlace out, or set it to LoginPlace.PROXY",
    });
  }
  if (redisOptions !== undefined && redisCache === undefined) {
    throw invalidInput({
      where,
      field: "redisOptions",
      got: "options",
      expected: "none without a Redis",
      fix: "set redisCache to true, or leave redisOptions out",
    });
  }
}
