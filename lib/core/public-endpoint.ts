import { isIP, isIPv6 } from "node:net";
import { Token } from "cdktf";
import { invalidInput } from "./errors";
import { requirePort } from "./validation";

// The last label is never a number: 10.0.0.256 is an address with a slip in it, not a name.
const DNS_NAME =
  /^(?=.{1,253}$)(?!(?:.*\.)?[0-9]+$)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;

/** Where clients find the registry, and where the engine publishes it. */
export interface PublicEndpointProps {
  /** Name or IP address that clients write in image names: no scheme, no port. */
  readonly host: string;

  /**
   * Port that clients write in image names.
   *
   * @default 443 for HTTPS, 80 for HTTP
   */
  readonly port?: number;

  /**
   * Address of the engine's machine on which the port is published.
   *
   * @default "127.0.0.1": nothing but the machine itself; "0.0.0.0" opens it to every network of the machine
   */
  readonly publishAddress?: string;

  /**
   * Port of the engine's machine, where it is not the one that clients use (behind a load balancer).
   *
   * @default - the same as `port`
   */
  readonly publishPort?: number;
}

/**
 * The one public address of a registry.
 *
 * Scheme, host and port are said here once and feed everything that must agree with them:
 * published ports, `server_name`, forwarded headers, certificate checks, the `certs.d` path and the outputs.
 *
 * @example
 * import { PublicEndpoint } from "cdktf-docker-registry";
 *
 * const endpoint = PublicEndpoint.https({ host: "registry.example.com", publishAddress: "0.0.0.0" });
 */
export class PublicEndpoint {
  /**
   * A registry that is reached over plain HTTP.
   *
   * @throws when host, address or port cannot be what they should be
   */
  public static http(props: PublicEndpointProps): PublicEndpoint {
    return new PublicEndpoint("http", props);
  }

  /**
   * A registry that is reached over TLS.
   *
   * @throws when host, address or port cannot be what they should be
   */
  public static https(props: PublicEndpointProps): PublicEndpoint {
    return new PublicEndpoint("https", props);
  }

  /** Name or IP address, as given. */
  public readonly host: string;

  /** Port that clients use. */
  public readonly port: number;

  /** Address of the engine's machine on which the port is published. */
  public readonly publishAddress: string;

  /** Port of the engine's machine. */
  public readonly publishPort: number;

  private constructor(
    /** `http` or `https`. */
    public readonly scheme: string,
    props: PublicEndpointProps,
  ) {
    const where = `PublicEndpoint.${scheme}`;
    requireHost(where, props.host);
    requirePort(where, "port", props.port);
    requirePort(where, "publishPort", props.publishPort);
    requireAddress(where, props.publishAddress);
    this.host = props.host;
    this.port = props.port ?? this.defaultPort;
    this.publishAddress = props.publishAddress ?? "127.0.0.1";
    this.publishPort = props.publishPort ?? this.port;
  }

  /** `host[:port]` as it stands in image names and in `certs.d`; the scheme's own port is left out, as Docker does. */
  public get hostPort(): string {
    const host = isIPv6(this.host) ? `[${this.host}]` : this.host;
    return this.port === this.defaultPort ? host : `${host}:${this.port}`;
  }

  /** `scheme://host[:port]` */
  public get url(): string {
    return `${this.scheme}://${this.hostPort}`;
  }

  private get defaultPort(): number {
    return this.scheme === "https" ? 443 : 80;
  }
}

function requireHost(where: string, host: string): void {
  if (Token.isUnresolved(host) || isIP(host) || (typeof host === "string" && DNS_NAME.test(host))) {
    return;
  }
  const bare = String(host ?? "")
    .replace(/^[a-z]+:\/\//i, "")
    .replace(/[/:].*$/, "");
  throw invalidInput({
    where,
    field: "host",
    got: host,
    expected: "a DNS name or an IP address, without scheme, port or path",
    fix: DNS_NAME.test(bare)
      ? `write "${bare}"; the scheme is chosen by PublicEndpoint.http or .https and the port by \`port\``
      : 'write a name such as "registry.example.com"',
  });
}

function requireAddress(where: string, address: string | undefined): void {
  if (address !== undefined && !Token.isUnresolved(address) && !isIP(address)) {
    throw invalidInput({
      where,
      field: "publishAddress",
      got: address,
      expected: "an IP address of the engine's machine",
      fix: 'write "127.0.0.1" for the machine itself or "0.0.0.0" for all its networks',
    });
  }
}
