import { Network } from "@cdktf/provider-docker/lib/network";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import type { Construct } from "constructs";
import { defaultName } from "./names";
import type { RegistryBinding } from "./registry-binding";
import { SERVICE_UID, type VolumeMount } from "./service-container";
import { requirePort } from "./validation";

const SOCKET_FOLDER = "/run/registry";
const SOCKET = `${SOCKET_FOLDER}/registry.sock`;

/** What a proxy needs to reach a registry. */
export interface RegistryUpstream {
  /** The address as nginx's `server` directive takes it: `unix:<path>` or `<host>:<port>`. */
  readonly address: string;

  /**
   * Volumes that the proxy mounts to reach it.
   *
   * @default - none
   */
  readonly mounts?: VolumeMount[];

  /**
   * Networks that the proxy joins to reach it.
   *
   * @default - none
   */
  readonly networkNames?: string[];
}

/** Both sides of the connection between a registry and its proxy. */
export interface RegistryListenerBinding {
  /** For the registry. */
  readonly registry: RegistryBinding;
  /** For the proxy. */
  readonly upstream: RegistryUpstream;
}

/** Where a registry takes requests. */
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
   * Creates what the connection needs.
   *
   * @param scope the registry
   * @param hostName the name of the registry's container
   */
  public abstract bind(scope: Construct, hostName: string): RegistryListenerBinding;
}

class UnixSocketListener extends RegistryListener {
  public bind(scope: Construct): RegistryListenerBinding {
    // In memory, and from the start with the owner that both processes run as: a new volume would belong to root.
    const volume = new Volume(scope, "Socket", {
      name: `${defaultName(scope)}-socket`,
      driver: "local",
      driverOpts: { type: "tmpfs", device: "tmpfs", o: `uid=${SERVICE_UID},gid=${SERVICE_UID},mode=0700,size=1m` },
    });
    const mount = { volumeName: volume.name, containerPath: SOCKET_FOLDER };
    return {
      registry: { config: { http: { net: "unix", addr: SOCKET } }, mounts: [mount] },
      upstream: { address: `unix:${SOCKET}`, mounts: [{ ...mount, readOnly: true }] },
    };
  }
}

class TcpListener extends RegistryListener {
  constructor(private readonly port: number) {
    super();
    requirePort("RegistryListener.tcp", "port", port);
  }

  public bind(scope: Construct, hostName: string): RegistryListenerBinding {
    const network = new Network(scope, "Network", { name: defaultName(scope), internal: true });
    return {
      registry: { config: { http: { addr: `:${this.port}` } }, networkNames: [network.name] },
      upstream: { address: `${hostName}:${this.port}`, networkNames: [network.name] },
    };
  }
}
