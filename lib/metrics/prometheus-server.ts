import type { Container } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import { Network } from "@cdktf/provider-docker/lib/network";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { defaultName, requireHostName } from "../core/names";
import { terraformText } from "../core/terraform-text";
import { isKnown, requirePort, requireWholeNumber } from "../core/validation";
import { HTTP_CLIENT } from "../docker/config-follower";
import { CONFIG_FOLDER, ConfigVolume } from "../docker/config-volume";
import { ContainerImage } from "../docker/container-image";
import { warnAboutMovingTag } from "../docker/image-reference";
import { serviceContainer } from "../docker/service-container";
import { alertLimits } from "./alerts";
import { renderDashboard } from "./dashboard";
import { type PrometheusTarget, RULES, renderAlerts, renderPrometheusConfig } from "./prometheus-config";
import {
  PROMETHEUS_CHECK,
  PROMETHEUS_HEALTH,
  PROMETHEUS_PORT,
  prometheusRunner,
  TSDB_FOLDER,
} from "./prometheus-runner";
import type { PrometheusServerProps } from "./prometheus-server-props";

/**
 * A Prometheus that watches registries, and knows when somebody should look: alerts for all that a registry, its proxy, its
 * cache, its maintenance and its backup tell.
 *
 * Give each registry `metrics: RegistryMetrics.prometheus()`. A changed configuration is tried by promtool and then taken
 * over without a restart. What is kept are figures of some days: the volume is destroyed with the container.
 *
 * @see https://prometheus.io/docs/
 *
 * @example
 * import { PrometheusServer, RegistryContainer, RegistryMetrics } from "cdktf-docker-registry";
 *
 * const registry = new RegistryContainer(stack, "Registry", { metrics: RegistryMetrics.prometheus() });
 * new PrometheusServer(stack, "Prometheus", { registries: [registry], publishPort: 9090 });
 */
export class PrometheusServer extends Construct {
  /** A dashboard for Grafana, as the text of its JSON file. */
  public static grafanaDashboard(): string {
    return renderDashboard();
  }

  /** The container. */
  public readonly resource: Container;

  /** The image that the container runs. */
  public readonly image: Image;

  /** The volume with prometheus.yml and the alerts. */
  public readonly config: ConfigVolume;

  /** The volume with what is kept. */
  public readonly dataVolume: Volume;

  /** Prometheus' own network, for Grafana to join. */
  public readonly network: Network;

  /** Where Grafana finds it on that network. */
  public readonly url: string;

  /**
   * @throws when a registry has no metrics, or a figure is out of its range
   */
  constructor(scope: Construct, id: string, props: PrometheusServerProps) {
    super(scope, id);
    const targets = () => props.registries.map((registry) => targetOf(this, registry));
    targets();
    const limits = alertLimits(props.alerts);
    requireFigures(this, props);

    const image = props.image ?? ContainerImage.PROMETHEUS;
    warnAboutMovingTag(this, image.reference);
    this.image = new Image(this, "Image", { name: image.reference, keepLocally: true });
    this.network = new Network(this, "Network", { name: defaultName(this) });
    this.dataVolume = new Volume(this, "Data", { name: `${defaultName(this)}-data` });
    const hostName = props.containerName ?? defaultName(this);
    requireHostName(this, "containerName", hostName);
    this.url = `http://${hostName}:${PROMETHEUS_PORT}`;

    this.config = new ConfigVolume(this, "Config", {
      imageId: this.image.imageId,
      check: PROMETHEUS_CHECK,
      requiredCommands: ["prometheus", "promtool", HTTP_CLIENT],
      readerName: hostName,
    });
    const late = (text: () => string) => Lazy.stringValue({ produce: () => terraformText(text()) });
    this.config.addFile(
      "prometheus.yml",
      late(() =>
        renderPrometheusConfig({
          scrapeSeconds: props.scrapeSeconds ?? 15,
          targets: targets(),
          alertmanagers: props.alertmanagers ?? [],
        }),
      ),
    );
    this.config.addFile(
      RULES,
      late(() => renderAlerts(limits, targets())),
    );
    this.config.giveToService(this.dataVolume.name);

    this.resource = serviceContainer(this, props, {
      imageId: this.image.imageId,
      entrypoint: ["/bin/sh", "-c"],
      command: [prometheusRunner(props.retentionDays ?? 15)],
      defaultMemoryMiB: 512,
      tmpfs: { "/tmp": "size=8m,mode=1777" },
      mounts: [this.config.mountAt(CONFIG_FOLDER), { volumeName: this.dataVolume.name, containerPath: TSDB_FOLDER }],
      networkNames: [
        this.network.name,
        ...new Set(props.registries.flatMap(({ metrics }) => metrics?.networkName ?? [])),
        ...(props.networkNames ?? []),
      ],
      ports: props.publishPort
        ? [
            {
              internal: PROMETHEUS_PORT,
              external: props.publishPort,
              ip: props.publishAddress ?? "127.0.0.1",
              protocol: "tcp",
            },
          ]
        : undefined,
      healthCommand: PROMETHEUS_HEALTH,
      dependsOn: [this.config.writer],
      replacedWith: [],
    });
  }
}

function targetOf(where: Construct, registry: PrometheusServerProps["registries"][number]): PrometheusTarget {
  const { metrics } = registry;
  if (metrics === undefined) {
    throw invalidInput({
      where,
      field: "registries",
      got: `${registry.node.path}, which has no metrics`,
      expected: "registries with metrics",
      fix: "give it metrics: RegistryMetrics.prometheus()",
    });
  }
  return { registry: defaultName(registry), url: metrics.url, sources: metrics.sources.map(({ name }) => name) };
}

function requireFigures(where: Construct, props: PrometheusServerProps): void {
  if (props.registries.length === 0) {
    throw invalidInput({
      where,
      field: "registries",
      got: "none",
      expected: "at least one registry with metrics",
      fix: "name those that are to be watched",
    });
  }
  requirePort(where, "publishPort", props.publishPort);
  requireWholeNumber(where, "scrapeSeconds", props.scrapeSeconds, { min: 1, max: 120, example: 15 });
  requireWholeNumber(where, "retentionDays", props.retentionDays, { min: 1, max: 3650, example: 15 });
  const { alerts = {} } = props;
  const limits: [string, number | undefined, number, number][] = [
    ["patienceSeconds", alerts.patienceSeconds, 0, 86_400],
    ["windowSeconds", alerts.windowSeconds, 4 * (props.scrapeSeconds ?? 15), 86_400],
    ["errorPercent", alerts.errorPercent, 1, 100],
    ["certificateDays", alerts.certificateDays, 1, 3650],
    ["loginFailuresPerMinute", alerts.loginFailuresPerMinute, 1, 1_000_000],
  ];
  for (const [name, value, min, max] of limits) {
    requireWholeNumber(where, `alerts.${name}`, value, { min, max, example: Math.max(min, 20) });
  }
  for (const name of ["maintenanceHours", "backupHours"] as const) {
    if (isKnown(alerts[name]) && !(Number(alerts[name]) > 0)) {
      throw invalidInput({
        where,
        field: `alerts.${name}`,
        got: alerts[name],
        expected: "a number above 0",
        fix: "write 48 for two days",
      });
    }
  }
  for (const address of props.alertmanagers ?? []) {
    if (!/^[\w.-]+:\d{1,5}$/.test(address)) {
      throw invalidInput({
        where,
        field: "alertmanagers",
        got: address,
        expected: "host:port",
        fix: 'write it as "alertmanager:9093"',
      });
    }
  }
}
