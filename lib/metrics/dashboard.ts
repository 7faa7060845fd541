/** A diagram of the dashboard. */
export interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly queries: { readonly expr: string; readonly legend: string }[];
}

const RATE = "[$__rate_interval]";

/** What the dashboard shows, from what people notice to what causes it. */
export const PANELS: Panel[] = [
  {
    title: "Requests",
    unit: "reqps",
    queries: [
      { expr: `sum by (kind, method) (rate(registry_nginx_requests_total${RATE}))`, legend: "{{method}} {{kind}}" },
    ],
  },
  {
    title: "Who answers",
    unit: "reqps",
    queries: [{ expr: `sum by (answered_by) (rate(registry_nginx_requests_total${RATE}))`, legend: "{{answered_by}}" }],
  },
  {
    title: "Errors",
    unit: "reqps",
    queries: [
      { expr: `sum by (status) (rate(registry_nginx_requests_total{status=~"4..|5.."}${RATE}))`, legend: "{{status}}" },
    ],
  },
  {
    title: "Bytes",
    unit: "Bps",
    queries: [
      { expr: `sum(rate(registry_nginx_sent_bytes_total${RATE}))`, legend: "sent" },
      { expr: `sum(rate(registry_nginx_received_bytes_total${RATE}))`, legend: "received" },
    ],
  },
  {
    title: "Mean duration",
    unit: "s",
    queries: [
      {
        expr: `sum by (kind) (rate(registry_nginx_duration_seconds_sum${RATE})) / sum by (kind) (rate(registry_nginx_duration_seconds_count${RATE}))`,
        legend: "{{kind}}",
      },
    ],
  },
  {
    title: "Answered within half a second",
    unit: "percentunit",
    queries: [
      {
        expr: `sum by (kind) (rate(registry_nginx_duration_seconds_bucket{le="0.5"}${RATE})) / sum by (kind) (rate(registry_nginx_duration_seconds_count${RATE}))`,
        legend: "{{kind}}",
      },
    ],
  },
  {
    title: "Failed logins",
    unit: "reqps",
    queries: [{ expr: `sum by (reason) (rate(registry_nginx_login_failures_total${RATE}))`, legend: "{{reason}}" }],
  },
  {
    title: "Connections",
    unit: "short",
    queries: [{ expr: "sum by (state) (registry_nginx_connections)", legend: "{{state}}" }],
  },
  {
    title: "Disk",
    unit: "bytes",
    queries: [
      { expr: "registry_disk_free_bytes", legend: "free" },
      { expr: "registry_disk_reserve_bytes", legend: "reserve" },
    ],
  },
  {
    title: "Cache: memory",
    unit: "bytes",
    queries: [{ expr: "registry_cache_used_memory_bytes", legend: "used" }],
  },
  {
    title: "Cache: hits",
    unit: "percentunit",
    queries: [
      {
        expr: `rate(registry_cache_hits_total${RATE}) / (rate(registry_cache_hits_total${RATE}) + rate(registry_cache_misses_total${RATE}))`,
        legend: "of what is asked for",
      },
    ],
  },
  {
    title: "Certificates end in",
    unit: "s",
    queries: [
      { expr: "registry_nginx_certificate_not_after_timestamp_seconds - time()", legend: "{{proxy}} {{position}}" },
    ],
  },
  {
    title: "Since the last",
    unit: "s",
    queries: [
      { expr: "time() - registry_maintenance_last_success_timestamp_seconds", legend: "collection" },
      { expr: "time() - registry_backup_last_backup_timestamp_seconds", legend: "backup" },
    ],
  },
  {
    title: "Memory of the registry's process",
    unit: "bytes",
    queries: [{ expr: 'process_resident_memory_bytes{job="registry"}', legend: "{{registry}}" }],
  },
];

const WIDTH = 12;
const HEIGHT = 8;

/** The text of Grafana's JSON file; it asks for the data source when it is imported. */
export function renderDashboard(): string {
  const datasource = { type: "prometheus", uid: "${DS_PROMETHEUS}" };
  const panels = PANELS.map(({ title, unit, queries }, i) => ({
    id: i + 1,
    type: "timeseries",
    title,
    datasource,
    gridPos: { x: (i % 2) * WIDTH, y: Math.floor(i / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: queries.map(({ expr, legend }, j) => ({
      refId: String.fromCharCode(65 + j),
      datasource,
      expr,
      legendFormat: legend,
    })),
  }));
  const dashboard = {
    __inputs: [{ name: "DS_PROMETHEUS", label: "Prometheus", type: "datasource", pluginId: "prometheus" }],
    title: "Docker registry",
    uid: "docker-registry",
    schemaVersion: 39,
    tags: ["registry"],
    time: { from: "now-6h", to: "now" },
    refresh: "30s",
    panels,
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
