import type { PublicEndpoint } from "../core/public-endpoint";
import type { NginxProxyOptions } from "../proxy/nginx-proxy-props";
import type { IProxyAuth } from "../proxy/proxy-part";
import type { IServerCertificate } from "../tls/server-certificate";
import type { RegistryService } from "./registry-service";
import type { SwarmServiceOptions } from "./service-props";

/** nginx on the nodes of a Swarm. */
export interface NginxServiceProps extends NginxProxyOptions, SwarmServiceOptions {
  /**
   * Where clients find the registry. Each node with an nginx publishes the port on all of its addresses, as Swarm knows no
   * other way: say so by `publishAddress: "0.0.0.0"`.
   */
  readonly endpoint: PublicEndpoint;

  /** The registries behind it. */
  readonly registry: RegistryService;

  /**
   * Who may pull and who may push.
   *
   * @default - everybody who reaches the port
   */
  readonly auth?: IProxyAuth;

  /**
   * What nginx serves TLS with; needed for an HTTPS endpoint, refused for an HTTP one. One that Terraform knows: the files of
   * a folder are on one machine.
   *
   * @default - none: plain HTTP
   */
  readonly certificate?: IServerCertificate;

  /**
   * On how many nodes there is an nginx, one on each. A deploy waits for them, and fails when they go back to the former
   * version.
   *
   * @default - on all that the placement allows, at any time; a deploy does not wait for them then, as the provider cannot
   */
  readonly nodes?: number;
}
