import type { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { isKnown } from "../core/validation";
import { RegistryMetrics } from "../metrics/registry-metrics";
import { DEBUG_PORT } from "../registry/debug-server";
import type { IRegistryMetrics } from "../registry/metrics-part";
import type { IRegistryPart } from "../registry/registry-part";
import { EVERY_ADDRESS } from "./service-checks";

/** Refuses metrics that Swarm could not publish as they say. */
export function requireMetricsOfNodes(where: Construct, metrics: IRegistryMetrics | undefined): void {
  if (metrics !== undefined && !(metrics instanceof RegistryMetrics)) {
    throw invalidInput({
      where,
      field: "metrics",
      got: "metrics of another kind",
      expected: "those that an endpoint on several machines can hand on",
      fix: "write RegistryMetrics.prometheus()",
    });
  }
  const { publishPort, publishAddress } = metrics?._settings ?? {};
  const isEvery = publishAddress !== undefined && EVERY_ADDRESS.includes(publishAddress);
  if (isKnown(publishPort) && !isEvery && isKnown(publishAddress ?? "")) {
    throw invalidInput({
      where,
      field: "metrics.publishAddress",
      got: publishAddress,
      expected: '"0.0.0.0", as Swarm publishes a port on all addresses of a node',
      fix: 'write publishAddress: "0.0.0.0" and keep others out by a firewall, or leave publishPort out and join the network of the metrics',
    });
  }
}

/**
 * Settings of registries whose metrics are wanted. Their debug servers also show the settings with their passwords, to who is
 * on the registries' networks: the proxies, the Redis and the endpoint, but not to who asks the endpoint.
 */
export function metricsPart({ _settings: { path } }: RegistryMetrics): IRegistryPart {
  return {
    bindToRegistry: () => ({
      config: { http: { debug: { addr: `:${DEBUG_PORT}`, prometheus: { enabled: true, path } } } },
    }),
  };
}
