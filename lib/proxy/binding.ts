import type { Construct } from "constructs";
import type { ConfigFile } from "../docker/config-volume";
import type { VolumeMount } from "../docker/service-container";
import type { IRegistryUsers } from "../registry/binding";
import type { NginxFragment } from "./conf/fragment";

/** What a part (users, …) adds to the proxy that it is bound to. */
export interface ProxyBinding {
  /** Its part of nginx.conf. */
  readonly nginx: NginxFragment;

  /**
   * Files that its part of nginx.conf names.
   *
   * @default - none
   */
  readonly files?: ConfigFile[];

  /**
   * Volumes that the proxy mounts.
   *
   * @default - none
   */
  readonly mounts?: VolumeMount[];

  /**
   * Names of mounted volumes that must belong to the proxy's user.
   *
   * @default - none
   */
  readonly ownedVolumeNames?: string[];

  /**
   * Users that it lets in.
   *
   * @default - it lets everybody in
   */
  readonly users?: IRegistryUsers;
}

/** Whoever decides at the proxy who may pull and who may push. */
export interface IProxyAuth {
  /**
   * Adds the check to a proxy.
   *
   * @param proxy the proxy
   */
  bindToProxy(proxy: Construct): ProxyBinding;
}
