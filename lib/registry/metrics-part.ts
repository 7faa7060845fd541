import type { Container } from "@cdktf/provider-docker/lib/container";
import type { Construct, IConstruct } from "constructs";
import type { MetricsSource } from "./metrics-source";
import type { IRegistryPart } from "./registry-part";
import type { RegistryStatus } from "./status";

/** Where a registry's metrics are to be had. */
export interface IMetricsEndpoint extends IConstruct {
  /** What Prometheus asks for on the endpoint's network: `http://host:port/path`. */
  readonly url: string;

  /** The network on which Prometheus reaches the endpoint. */
  readonly networkName: string;

  /** What is shown beside the registry's own metrics. */
  readonly sources: MetricsSource[];

  /**
   * Shows more metrics.
   *
   * @param source where they are
   * @throws when there is a source of that name
   */
  addSource(source: MetricsSource): void;
}

/** What the endpoint of metrics finds when the registry is there. */
export interface MetricsContext {
  /** The registry's container. */
  readonly container: Container;

  /** Name of the registry's container, by which others on its networks reach it. */
  readonly hostName: string;

  /** Names of the networks that the part has described, by the ids that it gave them. */
  readonly networkNames: { readonly [id: string]: string };

  /**
   * Where the registry tells of its disk and its maintenance.
   *
   * @default - nowhere
   */
  readonly status?: RegistryStatus;
}

/** Metrics of a registry: its settings before, and what hands them on after the registry's container. */
export interface IRegistryMetrics extends IRegistryPart {
  /**
   * Makes the endpoint.
   *
   * @param scope the registry
   * @param context what is there by then
   */
  expose(scope: Construct, context: MetricsContext): IMetricsEndpoint;
}
