import type { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { defaultName, requireHostName } from "../core/names";
import { isKnown, requirePort } from "../core/validation";
import type { ContainerImage } from "../docker/container-image";
import type { ServiceContainerProps } from "../docker/service-container";
import { DEBUG_PORT } from "../registry/debug-server";
import type { IMetricsEndpoint, IRegistryMetrics, MetricsContext } from "../registry/metrics-part";
import type { RegistryBinding, RegistryContext } from "../registry/registry-part";
import { MetricsEndpoint } from "./metrics-endpoint";

const DEBUG = "Debug";
const METRICS = "Metrics";

/** Where Prometheus finds the metrics of a registry. */
export interface RegistryMetricsProps extends ServiceContainerProps {
  /**
   * Path of the URL.
   *
   * @default "/metrics"
   */
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
   * nginx's image; it needs a shell, and curl or wget, as all images of its maintainers have them.
   *
   * @default ContainerImage.NGINX
   */
  readonly image?: ContainerImage;
}

/**
 * Metrics for Prometheus: an nginx of their own hands them on, and nothing else of the registry's debug server.
 *
 * The debug server shows the registry's settings with their passwords (`/debug/vars`) and profiles of its process, and it
 * can listen on TCP only: with metrics on a network for their endpoint alone, else within the container.
 *
 * Those of the disk (`registry_disk_…`) and of the maintenance (`registry_maintenance_…`) are in the same answer.
 *
 * Prometheus asks for the `url` of the registry's `metrics`, as in `http://local-registry-metrics-door:5001/metrics`.
 *
 * @example
 * import { RegistryContainer, RegistryMetrics } from "cdktf-docker-registry";
 *
 * const metrics = RegistryMetrics.prometheus({ publishPort: 5001 });
 * const registry = new RegistryContainer(stack, "Registry", { metrics });
 */
export class RegistryMetrics implements IRegistryMetrics {
  /**
   * Metrics in the format of Prometheus.
   *
   * @throws when the path is not one, or the port is not a whole number from 1 to 65535
   */
  public static prometheus(props: RegistryMetricsProps = {}): RegistryMetrics {
    return new RegistryMetrics(props);
  }

  private constructor(private readonly props: RegistryMetricsProps) {
    requirePort("RegistryMetrics.prometheus", "publishPort", props.publishPort);
    requirePath(props.path);
  }

  public bindToRegistry(scope: Construct, { hostName }: RegistryContext): RegistryBinding {
    const { networkName, publishPort } = this.props;
    const name = defaultName(scope);
    requireHostName(scope, "containerName", hostName);
    requireHostName(scope, "the name of its debug network", `${name}-debug`);
    const debug = {
      id: DEBUG,
      name: `${name}-debug`,
      isInternal: true,
      // Without an address of its own on it, the engine's machine and whoever works there cannot reach it either.
      options: { "com.docker.network.bridge.inhibit_ipv4": "true" },
    };
    // An internal network publishes nothing.
    const metrics = { id: METRICS, name: `${name}-metrics`, isInternal: publishPort === undefined };
    return {
      config: {
        http: { debug: { addr: debugAddress(scope, hostName), prometheus: { enabled: true, path: this.path } } },
      },
      networks: [debug, ...(networkName === undefined ? [metrics] : [])],
      networkNames: [debug.name],
    };
  }

  public expose(scope: Construct, { container, hostName, networkNames, status }: MetricsContext): IMetricsEndpoint {
    // The id is from before the class had its name of today; another one would be another container.
    return new MetricsEndpoint(scope, "MetricsDoor", {
      ...this.props,
      path: this.path,
      registry: container,
      status,
      debugAddress: debugAddress(scope, hostName),
      debugNetworkName: networkNames[DEBUG],
      networkName: this.props.networkName ?? networkNames[METRICS],
    });
  }

  /**
   * What it was made with, for services that hand the metrics on in another way.
   *
   * @internal
   */
  public get _settings(): RegistryMetricsProps {
    return { ...this.props, path: this.path };
  }

  private get path(): string {
    return this.props.path ?? "/metrics";
  }
}

/** The engine's name for the registry on this network: on none of its others does the debug server listen. */
function debugAddress(registry: Construct, hostName: string): string {
  return `${hostName}.${defaultName(registry)}-debug:${DEBUG_PORT}`;
}

function requirePath(path: string | undefined): void {
  if (isKnown(path) && !/^(?!\/debug(\/|$))(\/[\w~-][\w.~-]*)+$/.test(path as string)) {
    throw invalidInput({
      where: "RegistryMetrics.prometheus",
      field: "path",
      got: path,
      expected: "a path of letters, digits, _ . ~ and - that begins with a slash, and not with /debug",
      fix: 'write "/metrics", or leave it out',
    });
  }
}
