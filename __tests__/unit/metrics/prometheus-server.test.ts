import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import type { TerraformStack } from "cdktf";
import { parse } from "yaml";
import {
  ContainerImage,
  PrometheusServer,
  type PrometheusServerOptions,
  RegistryContainer,
  RegistryMetrics,
} from "../../../lib";
import { alertLimits, alertRules } from "../../../lib/metrics/alerts";
import { PANELS } from "../../../lib/metrics/dashboard";
import { LEAST_RIGHTS, resources, reviewed, stackOf, synth } from "../synth";

const watched = (stack: TerraformStack, options: PrometheusServerOptions = {}, path?: string) =>
  new PrometheusServer(stack, "Prometheus", {
    ...options,
    registries: [new RegistryContainer(stack, "Registry", { metrics: RegistryMetrics.prometheus({ path }) })],
  });
const synthesised = (options?: PrometheusServerOptions) => synth((stack) => watched(stack, options));
const file = (name: string, options?: PrometheusServerOptions) =>
  parse(reviewed(synthesised(options), "Prometheus_Config")[name]);
const container = (options?: PrometheusServerOptions) => resources(synthesised(options), "docker_container").Prometheus;

describe("a Prometheus", () => {
  test("has nothing that it does not need", () => {
    expect(container()).toMatchObject({ ...LEAST_RIGHTS, name: "local-prometheus", memory: 512 });
    expect(container().ports).toBeUndefined();
    expect(container().networks_advanced).toHaveLength(2);
  });

  test("is published where that is said, on this machine alone unless it is said otherwise", () => {
    const port = { internal: 9090, external: 9090, protocol: "tcp" };
    expect(container({ publishPort: 9090 }).ports).toEqual([{ ...port, ip: "127.0.0.1" }]);
  });

  test("asks each registry, whose name is a label", () => {
    expect(file("prometheus.yml", { scrapeSeconds: 30 })).toMatchObject({
      global: { scrape_interval: "30s", scrape_timeout: "10s", evaluation_interval: "30s" },
      rule_files: ["rules.yml"],
      scrape_configs: [
        {
          job_name: "registry",
          metrics_path: "/metrics",
          static_configs: [{ targets: ["local-registry-metrics-door:5001"], labels: { registry: "local-registry" } }],
        },
        { job_name: "prometheus" },
      ],
    });
  });

  test("tells the Alertmanagers that are named", () => {
    expect(file("prometheus.yml").alerting).toBeUndefined();
    expect(file("prometheus.yml", { alertmanagers: ["alerts:9093"] }).alerting.alertmanagers).toEqual([
      { static_configs: [{ targets: ["alerts:9093"] }] },
    ]);
  });

  test("keeps its figures in a volume for as many days as are named", () => {
    expect(container({ retentionDays: 30 }).command[0]).toContain("--storage.tsdb.retention.time=30d");
    expect(synthesised()).toHaveResourceWithProperties(Volume, { name: "local-prometheus-data" });
  });

  test("takes an image of another registry", () => {
    const image = ContainerImage.of("example.com/prometheus:3");
    expect(resources(synthesised({ image }), "docker_image").Prometheus_Image.name).toBe("example.com/prometheus:3");
  });

  test.each<[string, PrometheusServerOptions, string]>([
    ["a window of fewer than four looks", { alerts: { windowSeconds: 30 } }, "a whole number from 60"],
    ["no hours", { alerts: { backupHours: 0 } }, "a number above 0"],
    ["an Alertmanager that is no address", { alertmanagers: ["http://alerts:9093"] }, "expected host:port"],
    ["a port that is none", { publishPort: 70000 }, "65535"],
  ])("fails with %s", (_, options, message) => {
    expect(() => watched(stackOf(), options)).toThrow(message);
  });

  test("fails without a registry that has metrics", () => {
    const stack = stackOf();
    const registries = [new RegistryContainer(stack, "Registry")];
    expect(() => new PrometheusServer(stack, "Prometheus", { registries })).toThrow(
      "give it metrics: RegistryMetrics.prometheus()",
    );
    expect(() => new PrometheusServer(stack, "Other", { registries: [] })).toThrow("at least one registry");
  });
});

describe("the alerts", () => {
  const names = (sources: string[]) =>
    alertRules(alertLimits(), [{ registry: "local-registry", sources }]).map(({ alert }) => alert);

  test("tell what has never run only where it is to run", () => {
    expect(names([])).not.toContain("RegistryBackupNever");
    expect(names(["backup"])).toContain("RegistryBackupNever");
    expect(names(["maintenance"])).toContain("RegistryMaintenanceNever");
  });

  test("have the limits that are named", () => {
    const [rule] = file("rules.yml", { alerts: { errorPercent: 1, windowSeconds: 600 } }).groups[0].rules.filter(
      ({ alert }: { alert: string }) => alert === "RegistryErrors",
    );
    expect(rule.expr).toMatch(/\[600s\].*> 1$/);
    expect(rule.for).toBe("120s");
  });
});

describe("the dashboard for Grafana", () => {
  const committed = join(__dirname, "..", "..", "..", "docs", "grafana-dashboard.json");

  test("is the committed file", () => {
    if (process.env.UPDATE_GOLDEN) {
      writeFileSync(committed, PrometheusServer.grafanaDashboard());
    }
    expect(readFileSync(committed, "utf8")).toBe(PrometheusServer.grafanaDashboard());
  });

  test("asks Prometheus for the data source when it is imported", () => {
    const dashboard = JSON.parse(PrometheusServer.grafanaDashboard());
    expect(dashboard.__inputs[0].pluginId).toBe("prometheus");
    expect(dashboard.panels).toHaveLength(PANELS.length);
  });
});
