import { stringify } from "yaml";
import { type AlertRule, alertRules, type RegistryAlerts, type WatchedRegistry } from "./alerts";

/** A registry that Prometheus asks. */
export interface PrometheusTarget extends WatchedRegistry {
  /** `http://host:port/path`. */
  readonly url: string;
}

/** Everything that prometheus.yml depends on. */
export interface PrometheusConfig {
  readonly scrapeSeconds: number;
  readonly targets: PrometheusTarget[];
  readonly alertmanagers: string[];
}

/** The file with the alerts, beside prometheus.yml. */
export const RULES = "rules.yml";

const HEAD = "# Rendered by cdktf-docker-registry: a change made here is lost at the next deploy.\n";
const TEXT = { lineWidth: 0 };

/** The text of prometheus.yml. */
export function renderPrometheusConfig({ scrapeSeconds, targets, alertmanagers }: PrometheusConfig): string {
  const paths = [...new Set(targets.map(({ url }) => new URL(url).pathname))];
  const config = {
    global: {
      scrape_interval: `${scrapeSeconds}s`,
      scrape_timeout: `${Math.min(scrapeSeconds, 10)}s`,
      evaluation_interval: `${scrapeSeconds}s`,
    },
    rule_files: [RULES],
    ...(alertmanagers.length > 0
      ? { alerting: { alertmanagers: [{ static_configs: [{ targets: alertmanagers }] }] } }
      : {}),
    scrape_configs: [
      ...paths.map((path, i) => ({
        // One job for people: its name is a label of each sample.
        job_name: i === 0 ? "registry" : `registry${path.replace(/\W/g, "-")}`,
        metrics_path: path,
        static_configs: targets
          .filter(({ url }) => new URL(url).pathname === path)
          .map(({ url, registry }) => ({ targets: [new URL(url).host], labels: { registry } })),
        ...(i === 0 ? {} : { relabel_configs: [{ target_label: "job", replacement: "registry" }] }),
      })),
      { job_name: "prometheus", static_configs: [{ targets: ["127.0.0.1:9090"] }] },
    ],
  };
  return HEAD + stringify(config, TEXT);
}

/** The text of the file with the alerts. */
export function renderAlerts(limits: Required<RegistryAlerts>, registries: WatchedRegistry[]): string {
  const rules: AlertRule[] = alertRules(limits, registries);
  return HEAD + stringify({ groups: [{ name: "registry", rules }] }, TEXT);
}
