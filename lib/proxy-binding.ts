import type { Construct } from "constructs";
import type { NginxFragment } from "./nginx-fragment";
import type { VolumeMount } from "./service-container";

/** A file beside nginx.conf that plans and logs must not show. */
export interface ProxyFile {
  /** Relative to the folder of nginx.conf, and so written in its directives. */
  readonly path: string;
  /** May hold tokens; it is resolved at deploy time. */
  readonly content: string;
}

/** What a part (users, …) adds to the proxy that it is bound to. */
export interface ProxyBinding {
  /** Its part of nginx.conf. */
  readonly nginx: NginxFragment;

  /**
   * Files that its part of nginx.conf names.
   *
   * @default - none
   */
  readonly files?: ProxyFile[];

  /**
   * Volumes that the proxy mounts.
   *
   * @default - none
   */
  readonly mounts?: VolumeMount[];
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
