import type { IConstruct } from "constructs";
import { requireHttpUrl } from "../../core/validation";
import type { RegistryBinding } from "../registry-part";
import { requireVersion } from "../version";

/** Traces of requests by OpenTelemetry. Version 3 only. */
export interface RegistryTracing {
  /** Address of the collector, such as `http://collector:4318`. */
  readonly otlpEndpoint: string;

  /**
   * The registry's name in the traces.
   *
   * @default "registry"
   */
  readonly serviceName?: string;
}

export function bindTracing(
  where: IConstruct,
  tracing: RegistryTracing | undefined,
  majorVersion: number,
): RegistryBinding {
  requireVersion(where, majorVersion, 3, { tracing });
  if (tracing === undefined) {
    // Version 3 otherwise sends traces to a collector that is not there, and logs each failure.
    return { config: {}, environment: majorVersion === 3 ? ["OTEL_TRACES_EXPORTER=none"] : [] };
  }
  requireHttpUrl(where, "tracing.otlpEndpoint", tracing.otlpEndpoint);
  return {
    config: {},
    environment: [
      "OTEL_TRACES_EXPORTER=otlp",
      "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
      `OTEL_EXPORTER_OTLP_ENDPOINT=${tracing.otlpEndpoint}`,
      `OTEL_SERVICE_NAME=${tracing.serviceName ?? "registry"}`,
    ],
    reachesOut: true,
  };
}
