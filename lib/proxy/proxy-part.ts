import type { Construct } from "constructs";
import type { PublicEndpoint } from "../core/public-endpoint";
import type { ConfigFile } from "../docker/config-volume";
import type { VolumeMount } from "../docker/service-container";
import type { IRegistry } from "../registry/registry";
import type { IRegistryUsers } from "../registry/registry-part";
import type { NginxFragment } from "./conf/fragment";

/** What a part (users, …) adds to the proxy that it is bound to. */
export interface ProxyBinding {
  /** Its part of nginx.conf. */
  readonly nginx: NginxFragment;

  /**
   * Files that its part of nginx.conf names; asked for at synth.
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
   * Shell lines that run each second in the proxy's container; `$1` is nginx's process.
   *
   * @default - none
   */
  readonly everySecond?: string;

  /**
   * Users that it lets in.
   *
   * @default - it lets everybody in
   */
  readonly users?: IRegistryUsers;
}

/** What a part may want to know of the proxy that it is bound to. */
export interface ProxyContext {
  /** Where clients find the registry. */
  readonly endpoint: PublicEndpoint;

  /** The registry behind the proxy. */
  readonly registry: IRegistry;

  /** The proxy's image, by id: for a `ConfigVolume` of the part's own. */
  readonly imageId: string;

  /** Name of the proxy's container, by which others on its networks reach it. */
  readonly hostName: string;

  /** Names and addresses by which clients reach the proxy, `*` for the first label at most; those of plain HTTP may be more. */
  readonly hostNames: string[];
}

/** A part of a proxy that adds to nginx.conf, mounts and files. */
export interface IProxyPart {
  /**
   * Adds the part to a proxy.
   *
   * @param scope the proxy
   * @param context what the part may want to know of it
   */
  bindToProxy(scope: Construct, context: ProxyContext): ProxyBinding;
}

/** Users that the proxy checks, and who of them may push. */
export interface IProxyAuth extends IProxyPart {}
