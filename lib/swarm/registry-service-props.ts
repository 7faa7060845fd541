import type { RegistryContainerProps } from "../registry/registry-container-props";
import type { SwarmServiceOptions } from "./service-props";

/** The distribution registry as a service of Swarm. */
export interface RegistryServiceProps extends RegistryContainerProps, SwarmServiceOptions {
  /**
   * How many registries there are. They share storage, cache and `http.secret`, so that each of them goes on with what
   * another one has begun.
   *
   * @default 2
   */
  readonly replicas?: number;

  /**
   * How many nodes can run them, where it is known: what could not be placed is an error at synth then.
   *
   * @default - not known
   */
  readonly nodes?: number;

  /**
   * Whether the nodes' kernels encrypt what they say to each other on the networks of the registry (IPsec). Otherwise
   * whoever reads the network between the nodes reads it, unless the registry serves TLS (`RegistryListener.tls`).
   *
   * @default false
   */
  readonly encryptedNetworks?: boolean;
}
