import type { ContainerPorts } from "@cdktf/provider-docker/lib/container";
import { Network } from "@cdktf/provider-docker/lib/network";
import { Annotations } from "cdktf";
import type { Construct } from "constructs";
import { invalidInput } from "./errors";
import { defaultName } from "./names";
import type { RegistryBinding } from "./registry-binding";
import { isKnown, requirePort } from "./validation";

export const DEBUG_PORT = 5001;

/**
 * Metrics for Prometheus, on the registry's debug server.
 *
 * That server also shows the registry's settings with their passwords (`/debug/vars`) and profiles of its process:
 * let nobody on its network but Prometheus.
 */
export interface RegistryMetrics {
  /** @default "/metrics" */
  readonly path?: string;

  /**
   * A network of the engine that Prometheus is on.
   *
   * @default - an internal network of its own, as in "local-registry-metrics", for Prometheus to join
   */
  readonly networkName?: string;

  /**
   * Port of the engine's machine on which the metrics are published.
   *
   * @default - not published
   */
  readonly publishPort?: number;

  /**
   * Address of the engine's machine on which they are published.
   *
   * @default "127.0.0.1"
   */
  readonly publishAddress?: string;
}

/** Where the debug server listens: the health check asks it in any case. */
export function bindMetrics(
  where: Construct,
  metrics: RegistryMetrics | undefined,
): { readonly registry: RegistryBinding; readonly ports?: ContainerPorts[] } {
  if (metrics === undefined) {
    return { registry: { config: { http: { debug: { addr: `127.0.0.1:${DEBUG_PORT}` } } } } };
  }
  const { path = "/metrics", networkName, publishPort, publishAddress = "127.0.0.1" } = metrics;
  requirePort(where, "metrics.publishPort", publishPort);
  if (isKnown(path) && !/^\/\S+$/.test(path)) {
    throw invalidInput({
      where,
      field: "metrics.path",
      got: path,
      expected: "a path that begins with a slash",
      fix: 'write "/metrics", or leave it out',
    });
  }
  if (publishPort !== undefined && publishAddress !== "127.0.0.1") {
    Annotations.of(where).addWarning(
      `the metrics are published on ${publishAddress}, and with them /debug/vars, which shows passwords of the configuration. To mend it: leave publishAddress out, or let Prometheus join the network`,
    );
  }
  // An internal network publishes nothing.
  const network =
    networkName ??
    new Network(where, "Metrics", { name: `${defaultName(where)}-metrics`, internal: publishPort === undefined }).name;
  return {
    registry: {
      config: { http: { debug: { addr: `:${DEBUG_PORT}`, prometheus: { enabled: true, path } } } },
      networkNames: [network],
    },
    ports:
      publishPort === undefined
        ? undefined
        : [{ internal: DEBUG_PORT, external: publishPort, ip: publishAddress, protocol: "tcp" }],
  };
}
