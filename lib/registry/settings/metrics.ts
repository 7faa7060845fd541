import { Network } from "@cdktf/provider-docker/lib/network";
import type { Construct } from "constructs";
import { invalidInput } from "../../core/errors";
import { defaultName, requireHostName } from "../../core/names";
import { isKnown, requirePort } from "../../core/validation";
import type { ContainerImage } from "../../docker/container-image";
import type { ServiceContainerProps } from "../../docker/service-container";
import type { MetricsDoorProps } from "../../metrics/metrics-endpoint";
import type { RegistryBinding } from "../binding";

export const DEBUG_PORT = 5001;

/** Where nobody but the registry's own container reaches the debug server. */
export const LOCAL_DEBUG_ADDRESS = `127.0.0.1:${DEBUG_PORT}`;

/**
 * Metrics for Prometheus: an nginx of their own hands them on, and nothing else of the registry's debug server.
 * Prometheus asks for the `url` of the registry's `metricsDoor`, as in `http://local-registry-metrics-door:5001/metrics`.
 */
export interface RegistryMetrics extends ServiceContainerProps {
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

  /**
   * nginx's image; it needs a shell and curl, as the maintainers' image has them.
   *
   * @default ContainerImage.NGINX
   */
  readonly image?: ContainerImage;
}

/** Both sides of a registry's debug server. */
export interface MetricsBinding {
  /** For the registry. */
  readonly registry: RegistryBinding;
  /** For the door, but for the registry's container, which has to be there first. */
  readonly door?: Omit<MetricsDoorProps, "registry">;
}

/**
 * Where the debug server listens. It shows the registry's settings with their passwords (`/debug/vars`) and profiles of
 * its process, and it can listen on TCP only: without metrics within the container, else on a network for the door alone.
 */
export function bindMetrics(where: Construct, hostName: string, metrics: RegistryMetrics | undefined): MetricsBinding {
  if (metrics === undefined) {
    return { registry: { config: { http: { debug: { addr: LOCAL_DEBUG_ADDRESS } } } } };
  }
  const { path = "/metrics", publishPort } = metrics;
  requirePort(where, "metrics.publishPort", publishPort);
  requirePath(where, path);
  const debugNetwork = `${defaultName(where)}-debug`;
  requireHostName(where, "containerName", hostName);
  requireHostName(where, "the name of its debug network", debugNetwork);
  // The engine's name for the registry on this network: on none of its others does the debug server listen.
  const debugAddress = `${hostName}.${debugNetwork}:${DEBUG_PORT}`;
  const debugNetworkName = new Network(where, "Debug", {
    name: debugNetwork,
    internal: true,
    // Without an address of its own on it, the engine's machine and whoever works there cannot reach it either.
    options: { "com.docker.network.bridge.inhibit_ipv4": "true" },
  }).name;
  const networkName =
    metrics.networkName ??
    // An internal network publishes nothing.
    new Network(where, "Metrics", { name: `${defaultName(where)}-metrics`, internal: publishPort === undefined }).name;
  return {
    registry: {
      config: { http: { debug: { addr: debugAddress, prometheus: { enabled: true, path } } } },
      networkNames: [debugNetworkName],
    },
    door: { ...metrics, path, networkName, debugAddress, debugNetworkName },
  };
}

function requirePath(where: Construct, path: string): void {
  if (isKnown(path) && !/^(?!\/debug(\/|$))(\/[\w~-][\w.~-]*)+$/.test(path)) {
    throw invalidInput({
      where,
      field: "metrics.path",
      got: path,
      expected: "a path of letters, digits, _ . ~ and - that begins with a slash, and not with /debug",
      fix: 'write "/metrics", or leave it out',
    });
  }
}
