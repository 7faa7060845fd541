import type { Construct } from "constructs";
import { defaultName, requireHostName } from "../core/names";
import { requirePort } from "../core/validation";
import { CONFIG_FOLDER } from "../docker/config-volume";
import { socketVolume } from "../docker/owned-resources";
import { type ICertificate, requireHostCovered } from "../tls/certificate";
import type { RegistryUpstream } from "./registry";
import type { RegistryBinding, RegistryContext } from "./registry-part";

const SOCKET_FOLDER = "/run/registry";
const CERTIFICATE = "tls/registry.crt";
const KEY = "tls/registry.key";
const SOCKET = `${SOCKET_FOLDER}/registry.sock`;

/** Id of the volume with the socket. */
export const SOCKET_VOLUME = "Socket";

/** A registry that serves TLS itself, on a port of an internal network. */
export interface TlsListenerProps {
  /** Served by the registry; one of its names must be the name of the registry's container. */
  readonly certificate: ICertificate;

  /** The CA that the proxy verifies it against, in PEM. */
  readonly caCertificatePem: string;

  /**
   * The port inside that network; nothing is published.
   *
   * @default 5000
   */
  readonly port?: number;
}

/** Both sides of the connection between a registry and its proxy. */
export interface RegistryListenerBinding {
  /** For the registry. */
  readonly registry: RegistryBinding;
  /** For the proxy. */
  readonly upstream: RegistryUpstream;
}

/**
 * Where a registry takes requests.
 *
 * @example
 * import { RegistryContainer, RegistryListener, SelfSignedCA } from "cdktf-docker-registry";
 *
 * const ca = new SelfSignedCA(stack, "InternalCA");
 * const certificate = ca.issueCertificate("Registry", { dnsNames: ["shop-registry"] });
 * const registry = new RegistryContainer(stack, "Registry", {
 *   containerName: "shop-registry",
 *   listener: RegistryListener.tls({ certificate, caCertificatePem: ca.certificatePem }),
 * });
 */
export abstract class RegistryListener {
  /**
   * A socket in a volume that only the proxy mounts too.
   *
   * The registry needs no network, nothing but the proxy can reach it, and a registry that was
   * replaced is found again at once: there is no address to look up.
   */
  public static unixSocket(): RegistryListener {
    return new UnixSocketListener();
  }

  /**
   * A port on an internal network of its own, for what cannot share a volume.
   *
   * @param port the port inside that network; nothing is published
   * @throws when the port is not a whole number from 1 to 65535
   */
  public static tcp(port: number = 5000): RegistryListener {
    return new TcpListener(port);
  }

  /**
   * A port on an internal network with TLS, so that the way from the proxy is encrypted too.
   *
   * @throws when the port is not a whole number from 1 to 65535, or the certificate has not the registry's name
   */
  public static tls(props: TlsListenerProps): RegistryListener {
    return new TlsListener(props);
  }

  /**
   * Adds the listener to a registry.
   *
   * @param scope the registry
   * @param context what the listener may want to know of it
   */
  public abstract bind(scope: Construct, context: RegistryContext): RegistryListenerBinding;
}

class UnixSocketListener extends RegistryListener {
  public bind(scope: Construct): RegistryListenerBinding {
    const volume = socketVolume(SOCKET_VOLUME, `${defaultName(scope)}-socket`);
    const mount = { volumeName: volume.name, containerPath: SOCKET_FOLDER };
    return {
      registry: { config: { http: { net: "unix", addr: SOCKET } }, volumes: [volume], mounts: [mount] },
      upstream: { address: `unix:${SOCKET}`, mounts: [{ ...mount, readOnly: true }] },
    };
  }
}

class TcpListener extends RegistryListener {
  constructor(private readonly port: number) {
    super();
    requirePort("RegistryListener.tcp", "port", port);
  }

  public bind(scope: Construct, { hostName }: RegistryContext): RegistryListenerBinding {
    requireHostName(scope, "containerName", hostName);
    const network = { id: "Network", name: defaultName(scope), isInternal: true };
    return {
      registry: { config: { http: { addr: `:${this.port}` } }, networks: [network], networkNames: [network.name] },
      upstream: { address: `${hostName}:${this.port}`, networkNames: [network.name] },
    };
  }
}

class TlsListener extends RegistryListener {
  private readonly tcp: RegistryListener;

  constructor(private readonly props: TlsListenerProps) {
    super();
    this.tcp = RegistryListener.tcp(props.port);
  }

  public bind(scope: Construct, context: RegistryContext): RegistryListenerBinding {
    const { certificate, caCertificatePem } = this.props;
    requireHostCovered(scope, context.hostName, certificate);
    const { registry, upstream } = this.tcp.bind(scope, context);
    const tls = {
      certificate: `${CONFIG_FOLDER}/current/${CERTIFICATE}`,
      key: `${CONFIG_FOLDER}/current/${KEY}`,
      minimumtls: "tls1.2",
    };
    return {
      registry: {
        ...registry,
        config: { http: { ...registry.config.http, tls } },
        files: [
          { path: CERTIFICATE, content: certificate.certificateChainPem },
          { path: KEY, content: certificate.privateKeyPem },
        ],
      },
      upstream: { ...upstream, caCertificatePem },
    };
  }
}
