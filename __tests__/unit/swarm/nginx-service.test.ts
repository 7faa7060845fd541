import type { Construct } from "constructs";
import {
  Access,
  AccessLog,
  Certificate,
  HtpasswdUser,
  PublicEndpoint,
  SwarmRegistry,
  type SwarmRegistryProps,
  UpdateOrder,
} from "../../../lib";
import { bucket, http, https, named, swarmRegistry, swarmStack, synthesised } from "./swarm-stack";

const users = [HtpasswdUser.generated("ci", { access: Access.PUSH })];

/** Text of nginx.conf. */
function nginxConf(configuration: any): string {
  const [, text] = Object.entries<string>(configuration.locals).find(([name]) =>
    name.startsWith("Proxy_Files_nginxconf"),
  ) as [string, string];
  return text;
}

describe("nginx on a Swarm", () => {
  test("is on each node, and publishes the node's own port", () => {
    const service = named(synthesised(swarmRegistry()), "docker_service", "local-proxy");
    expect(service.mode).toEqual({ global: true });
    expect(service.endpoint_spec).toEqual({
      mode: "dnsrr",
      ports: [{ target_port: 8080, published_port: 80, publish_mode: "host", protocol: "tcp" }],
    });
    expect(service.update_config.order).toBe("stop-first");
    // The provider fails for a service without a number of replicas.
    expect(service.converge_config).toBeUndefined();
  });

  test("is waited for where the number of nodes is known", () => {
    const service = named(synthesised(swarmRegistry({ nodes: 3 })), "docker_service", "local-proxy");
    expect(service.mode).toEqual({ replicated: { replicas: 3 } });
    expect(service.task_spec.placement.max_replicas).toBe(1);
    expect(service.converge_config).toEqual({ delay: "1s", timeout: "5m" });
  });

  test("looks replicas up each second, and asks the next one where one is gone", () => {
    const conf = nginxConf(synthesised(swarmRegistry()));
    expect(conf).toContain("resolver 127.0.0.11 valid=1s ipv6=off;");
    expect(conf).toContain("proxy_connect_timeout 1s;");
    expect(conf).toContain("proxy_next_upstream error timeout;");
    expect(conf).toContain("default http://local-registry:5000;");
  });

  test("is healthy without a registry: nobody is helped by an nginx that is stopped too", () => {
    const { task_spec } = named(synthesised(swarmRegistry()), "docker_service", "local-proxy");
    expect(task_spec.container_spec.healthcheck.test[1]).toContain("http://127.0.0.1:8079/alive");
  });

  test("tries its files before it uses them", () => {
    const { task_spec } = named(synthesised(swarmRegistry()), "docker_service", "local-proxy");
    expect(task_spec.container_spec.command[2]).toMatch(/nginx -t [\s\S]*configuration was refused[\s\S]*exit 1/);
  });

  test("has keys and users in secrets, and what everybody may read in configs", () => {
    const configuration = synthesised(swarmRegistry({ endpoint: https, users }));
    const names = (type: string) =>
      Object.values<any>(configuration.resource[type])
        .map(({ name }) => name.replace(/-\$\{.*/, ""))
        .filter((name) => name.startsWith("local-proxy"));
    expect(names("docker_secret").sort()).toEqual([
      "local-proxy-htpasswd",
      "local-proxy-tls-server.crt",
      "local-proxy-tls-server.key",
      "local-proxy-users.versions",
    ]);
    expect(names("docker_config")).toContain("local-proxy-nginx.conf");
  });

  test("has the files of users who are added late", () => {
    const registry = swarmRegistry({ endpoint: https, users });
    registry.users?.grantPush("ci", "team/**");
    expect(JSON.stringify(synthesised(registry).resource.docker_config)).toContain("local-proxy-rights.json");
  });
});

describe("nginx on a Swarm refuses", () => {
  const folder = () => Certificate.fromFolder(swarmStack(), "Certificate", { folder: "/etc/letsencrypt/live/example" });
  const wrong: [string, Partial<SwarmRegistryProps>, string][] = [
    [
      "one address of a node",
      { endpoint: PublicEndpoint.http({ host: "registry.example.com" }) },
      'endpoint.publishAddress is "127.0.0.1", expected "0.0.0.0", as Swarm publishes a port on all addresses of a node',
    ],
    ["the new one first", { proxyService: { update: { order: UpdateOrder.START_FIRST } } }, "update.order"],
    ["two of them on a node", { proxyService: { placement: { maxReplicasPerNode: 2 } } }, "maxReplicasPerNode is 2"],
    ["pulls from files", { proxyOptions: { directPulls: true } }, "directPulls is true"],
    ["a log in a volume", { proxyOptions: { accessLog: AccessLog.toVolume() } }, "accessLog, auditLog or parts"],
    ["a followed certificate", { endpoint: https, certificate: folder() }, "files that somebody else renews"],
    ["a CA without its certificate", { caCertificatePem: "a CA" }, "caCertificatePem"],
    ["rights of everybody without users", { everybody: [] }, "everybody"],
    ["options of a Redis that is not wanted", { redisCache: false, redisOptions: {} }, "redisOptions"],
  ];

  test.each(wrong)("%s", (_, props, message) => {
    expect(() => swarmRegistry(props)).toThrow(message);
  });

  test("the port of another registry on the same nodes", () => {
    const first = swarmRegistry();
    const second = new SwarmRegistry(first.node.scope as Construct, "Second", { endpoint: http, storage: bucket() });
    expect(() => synthesised(second)).toThrow(/port 80 of each node is taken by local\/Second\/Proxy/);
  });
});
