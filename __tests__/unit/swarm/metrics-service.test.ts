import {
  AccessLog,
  type IMetricsEndpoint,
  type IRegistryMetrics,
  MetricsService,
  type RegistryBinding,
  RegistryMetrics,
  type SwarmRegistryProps,
} from "../../../lib";
import { bucket, http, https, named, swarmRegistry, synthesised } from "./swarm-stack";

const watched = (metrics: IRegistryMetrics = RegistryMetrics.prometheus(), props: Partial<SwarmRegistryProps> = {}) =>
  swarmRegistry({ endpoint: http, storage: bucket(), ...props, registryOptions: { metrics } });
const published = RegistryMetrics.prometheus({ publishPort: 9100, publishAddress: "0.0.0.0" });

/** The text of a service's file. */
function fileOf(configuration: any, prefix: string): string {
  const [, text] = Object.entries<string>(configuration.locals).find(([name]) => name.startsWith(prefix)) as [
    string,
    string,
  ];
  return text;
}

describe("the metrics of a registry on a Swarm", () => {
  const configuration = synthesised(watched());
  const service = named(configuration, "docker_service", "local-metrics");
  const [, , script] = service.task_spec.container_spec.command;

  test("are handed on by one task, which publishes nothing", () => {
    expect(service.mode).toEqual({ replicated: { replicas: 1 } });
    expect(service.endpoint_spec).toEqual({ mode: "dnsrr" });
    expect(named(configuration, "docker_network", "local-metrics")).toMatchObject({
      driver: "overlay",
      internal: true,
      attachable: true,
    });
  });

  test("are those of the registries, the proxies and the Redis, as the engine's DNS has them", () => {
    expect(script).toContain("tell_service registry local-registry 'registry_up 0'");
    expect(script).toContain(`tell_service proxy local-proxy 'registry_nginx_up{proxy="local-proxy"} 0'`);
    expect(script).toContain("telnet://local-cache:6379");
    const ids = service.task_spec.networks_advanced.map(({ id }: { id: string }) => id);
    expect(ids).toEqual([
      expect.stringMatching(/Metrics_Network_/),
      expect.stringMatching(/Registry_Network_/),
      expect.stringMatching(/Cache_Network_/),
    ]);
  });

  test("are shown a task at a time, and nothing else of a task is", () => {
    const conf = fileOf(configuration, "Metrics_Files_nginxconf");
    expect(conf).toContain("location ~ ^/metrics/registry/(?<task>[0-9.]+)$ {");
    expect(conf).toContain("proxy_pass http://$task:5001/metrics;");
    expect(conf).toContain("proxy_pass http://$task:5001/;");
    expect(conf).toMatch(/location \/ \{\s+return 404;/);
  });

  test("come from a port of each task that nobody publishes", () => {
    expect(fileOf(configuration, "Registry_Files_configyml")).toMatch(
      /addr: :5001\n\s+prometheus:\n\s+enabled: true\n\s+path: \/metrics/,
    );
    expect(fileOf(configuration, "Proxy_Files_nginxconf")).toMatch(/listen 5001;\s+access_log off;/);
  });

  test("need no password of the Redis", () => {
    const redis = fileOf(configuration, "Cache_Files_redisconf");
    expect(redis).toContain("user figures on nopass resetkeys resetchannels -@all +info");
    const secrets = service.task_spec.container_spec.secrets;
    expect(secrets).toEqual([]);
  });

  test("tell when a certificate ends", () => {
    const conf = fileOf(
      synthesised(watched(RegistryMetrics.prometheus(), { endpoint: https })),
      "Proxy_Files_nginxconf",
    );
    expect(conf).toContain("set $certificate_file '/config/current/tls/server.crt';");
  });

  test("do without a Redis", () => {
    const without = synthesised(watched(RegistryMetrics.prometheus(), { redisCache: false }));
    const { command } = named(without, "docker_service", "local-metrics").task_spec.container_spec;
    expect(command[2]).not.toContain("telnet");
  });
});

describe("published metrics", () => {
  test("are on each node", () => {
    const service = named(synthesised(watched(published)), "docker_service", "local-metrics");
    expect(service.mode).toEqual({ global: true });
    expect(service.endpoint_spec.ports).toEqual([
      { target_port: 5001, published_port: 9100, publish_mode: "host", protocol: "tcp" },
    ]);
  });

  test("are waited for where the number of nodes is known", () => {
    const service = named(synthesised(watched(published, { nodes: 3 })), "docker_service", "local-metrics");
    expect(service.mode).toEqual({ replicated: { replicas: 3 } });
    expect(service.task_spec.placement.max_replicas).toBe(1);
  });

  test("join a network that is there", () => {
    const metrics = RegistryMetrics.prometheus({ networkName: "monitoring", path: "/figures" });
    const configuration = synthesised(watched(metrics));
    const { task_spec } = named(configuration, "docker_service", "local-metrics");
    expect(task_spec.networks_advanced[0].id).toMatch(/data\.docker_network\./);
    expect(fileOf(configuration, "Metrics_Files_nginxconf")).toContain("location = /figures/targets {");
  });
});

describe("metrics that a Swarm cannot have are refused", () => {
  test("on one address of a node", () => {
    expect(() => watched(RegistryMetrics.prometheus({ publishPort: 9100 }))).toThrow(
      'metrics.publishAddress is not set, expected "0.0.0.0", as Swarm publishes a port on all addresses of a node',
    );
  });

  test("of another kind", () => {
    const other: IRegistryMetrics = {
      bindToRegistry: (): RegistryBinding => ({ config: {} }),
      expose: () => undefined as unknown as IMetricsEndpoint,
    };
    expect(() => watched(other)).toThrow('metrics is "metrics of another kind"');
  });

  test("of registries that have none", () => {
    const { node, registry, proxy } = swarmRegistry({ proxyOptions: { accessLog: AccessLog.toLogDriver() } });
    expect(() => new MetricsService(node.scope as never, "Metrics", { registry, proxies: [proxy] })).toThrow(
      'registry is "local/Default/Registry, which has no metrics"',
    );
  });
});
