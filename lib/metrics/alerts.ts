/** When alerts fire. */
export interface RegistryAlerts {
  /**
   * Seconds for which something has to be wrong before anybody is told.
   *
   * @default 120
   */
  readonly patienceSeconds?: number;

  /**
   * Seconds over which errors and failed logins are counted; at least four times `scrapeSeconds`.
   *
   * @default 300
   */
  readonly windowSeconds?: number;

  /**
   * Answers with 5xx, in percent of all.
   *
   * @default 5
   */
  readonly errorPercent?: number;

  /**
   * Days before the end of a certificate. A deploy renews those of the registry's own authority 90 days before.
   *
   * @default 14
   */
  readonly certificateDays?: number;

  /**
   * Hours since maintenance last came to its end; give it twice the time of its schedule.
   *
   * @default 48
   */
  readonly maintenanceHours?: number;

  /**
   * Hours since the last backup was taken; give it twice the time of its schedule.
   *
   * @default 48
   */
  readonly backupHours?: number;

  /**
   * Failed logins a minute.
   *
   * @default 20
   */
  readonly loginFailuresPerMinute?: number;
}

/** One rule of Prometheus. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

/** What a registry has besides itself and a proxy. */
export interface WatchedRegistry {
  /** The label that its metrics have. */
  readonly registry: string;
  /** Names of its sources of metrics. */
  readonly sources: string[];
}

/** The same with every default. */
export function alertLimits(alerts: RegistryAlerts = {}): Required<RegistryAlerts> {
  return {
    patienceSeconds: 120,
    windowSeconds: 300,
    errorPercent: 5,
    certificateDays: 14,
    maintenanceHours: 48,
    backupHours: 48,
    loginFailuresPerMinute: 20,
    ...Object.fromEntries(Object.entries(alerts).filter(([, value]) => value !== undefined)),
  };
}

const MAINTAINED = "registry_maintenance_last_success_timestamp_seconds";
const BACKED_UP = "registry_backup_last_backup_timestamp_seconds";

/** The rules, for what the registries have. */
export function alertRules(limits: Required<RegistryAlerts>, registries: WatchedRegistry[]): AlertRule[] {
  const patience = `${limits.patienceSeconds}s`;
  const window = `[${limits.windowSeconds}s]`;
  const rule = (
    alert: string,
    severity: string,
    expr: string,
    summary: string,
    description: string,
    after = patience,
  ) => ({
    alert,
    expr,
    for: after,
    labels: { severity },
    annotations: { summary, description },
  });
  return [
    rule(
      "RegistryDown",
      "critical",
      'registry_up == 0 or up{job="registry"} == 0',
      "{{ $labels.registry }} does not answer",
      "Pushes fail; pulls go on where the proxy answers them from files. docker ps, then the log of the registry's container.",
    ),
    rule(
      "RegistryProxyDown",
      "critical",
      "registry_nginx_up == 0",
      "{{ $labels.proxy }} does not answer",
      "Nobody reaches the registry. docker ps, then the log of the proxy's container.",
    ),
    rule(
      "RegistryErrors",
      "critical",
      `100 * sum by (registry, proxy) (rate(registry_nginx_requests_total{status=~"5.."}${window})) / sum by (registry, proxy) (rate(registry_nginx_requests_total${window})) > ${limits.errorPercent}`,
      "{{ $labels.proxy }} answers {{ $value | humanize }} % of requests with errors",
      "The proxy's access log tells which, and the registry's log why.",
    ),
    rule(
      "RegistryCertificateEnds",
      "warning",
      `registry_nginx_certificate_not_after_timestamp_seconds - time() < ${limits.certificateDays * 86_400}`,
      "a certificate of {{ $labels.proxy }} ends in {{ $value | humanizeDuration }}",
      "Deploy, which renews it; one that comes from elsewhere was not renewed there.",
    ),
    rule(
      "RegistryDiskLow",
      "critical",
      "registry_disk_pushes_refused == 1",
      "{{ $labels.registry }} refuses pushes: its disk is nearly full",
      "Delete images and collect, or give the disk more room. Pulls and deletes go on.",
    ),
    rule(
      "RegistryDiskFilling",
      "warning",
      "registry_disk_free_bytes < 2 * registry_disk_reserve_bytes and registry_disk_pushes_refused == 0",
      "{{ $labels.registry }} has {{ $value | humanize1024 }}B left on its disk",
      "Soon it refuses pushes. Delete images and collect, or give the disk more room.",
    ),
    rule(
      "RegistryQuotaFilling",
      "warning",
      ["bytes", "tags"]
        .map((unit) => `registry_nginx_quota_used_${unit} > 0.9 * registry_nginx_quota_limit_${unit}`)
        .join(" or "),
      "{{ $labels.repositories }} in {{ $labels.registry }} have used nine tenths of their quota, or all of it",
      "Pushes that need more are refused. Delete images there and collect, or raise the quota.",
    ),
    rule(
      "RegistryMaintenanceMissing",
      "warning",
      `time() - ${MAINTAINED} > ${limits.maintenanceHours * 3600}`,
      "maintenance of {{ $labels.registry }} last ended {{ $value | humanizeDuration }} ago",
      "What nobody needs fills the disk. The registry's log tells what maintenance says.",
    ),
    rule(
      "RegistryDamaged",
      "critical",
      "registry_maintenance_damaged_files > 0",
      "{{ $labels.registry }} has {{ $value }} damaged files",
      "npm run maintain -- <environment> check names them.",
    ),
    rule(
      "RegistryBackupMissing",
      "critical",
      `time() - ${BACKED_UP} > ${limits.backupHours * 3600}`,
      "the last backup of {{ $labels.registry }} is {{ $value | humanizeDuration }} old",
      "npm run backup -- <environment> status tells why.",
    ),
    rule(
      "RegistryLoginFailures",
      "warning",
      `60 * sum by (registry, proxy) (rate(registry_nginx_login_failures_total${window})) > ${limits.loginFailuresPerMinute}`,
      "{{ $value | humanize }} logins a minute fail at {{ $labels.proxy }}",
      "Somebody tries passwords, or a machine has an old one. The access log has the addresses.",
    ),
    rule(
      "RegistryCacheDown",
      "warning",
      "time() - registry_cache_last_seen_timestamp_seconds > 60",
      "the Redis of {{ $labels.registry }} does not answer",
      "Pulls and pushes go on without it, deletes fail. docker ps, then the log of its container.",
    ),
    ...registries.flatMap(({ registry, sources }) => [
      ...(sources.includes("maintenance")
        ? [never(registry, MAINTAINED, "Maintenance", "warning", limits.maintenanceHours)]
        : []),
      ...(sources.includes("backup") ? [never(registry, BACKED_UP, "Backup", "critical", limits.backupHours)] : []),
    ]),
  ];
}

/** What has never been there has no age: the alert waits as long as it may be missing. */
function never(registry: string, metric: string, what: string, severity: string, hours: number): AlertRule {
  return {
    alert: `Registry${what}Never`,
    expr: `absent(${metric}{registry="${registry}"})`,
    for: `${Math.round(hours * 3600)}s`,
    labels: { severity },
    annotations: {
      summary: `${what.toLowerCase()} of {{ $labels.registry }} has never run`,
      description: "Its container's log tells why.",
    },
  };
}
