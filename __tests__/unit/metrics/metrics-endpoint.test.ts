import { Network } from "@cdktf/provider-docker/lib/network";
import { ContainerImage, RegistryContainer, RegistryMetrics, type RegistryMetricsProps } from "../../../lib";
import { renderMetricsEndpointConfig } from "../../../lib/metrics/metrics-endpoint-config";
import { resources, stackOf, synth } from "../synth";

const synthEndpoint = (props: RegistryMetricsProps = {}) =>
  synth((stack) => new RegistryContainer(stack, "Registry", { metrics: RegistryMetrics.prometheus(props) }));
const endpoint = (props?: RegistryMetricsProps) =>
  resources(synthEndpoint(props), "docker_container").Registry_MetricsDoor;

describe("the endpoint of the metrics", () => {
  test("is an nginx of its own, and its image can be chosen", () => {
    const image = (props?: RegistryMetricsProps) =>
      resources(synthEndpoint(props), "docker_image").Registry_MetricsDoor_Image.name;
    expect(image()).toBe("nginx:1.28");
    expect(image({ image: ContainerImage.of("example.com/nginx:1") })).toBe("example.com/nginx:1");
  });

  test("has nothing that it does not need", () => {
    expect(endpoint()).toMatchObject({
      name: "local-registry-metrics-door",
      user: "65532:65532",
      read_only: true,
      capabilities: { drop: ["ALL"] },
      memory: 64,
    });
    expect(endpoint({ memoryMiB: 32 }).memory).toBe(32);
  });

  test("is on an internal network of its own, for Prometheus to join", () => {
    expect(synthEndpoint()).toHaveResourceWithProperties(Network, { name: "local-registry-metrics", internal: true });
    expect(endpoint().ports).toBeUndefined();
  });

  test("is published where that is said, on this machine alone unless it is said otherwise", () => {
    const port = { internal: 5001, external: 9100, protocol: "tcp" };
    expect(endpoint({ publishPort: 9100 }).ports).toEqual([{ ...port, ip: "127.0.0.1" }]);
    expect(endpoint({ publishPort: 9100, publishAddress: "192.0.2.1" }).ports).toEqual([{ ...port, ip: "192.0.2.1" }]);
    expect(resources(synthEndpoint({ publishPort: 9100 }), "docker_network").Registry_Metrics.internal).toBe(false);
    const { Registry } = resources(synthEndpoint({ publishPort: 9100 }), "docker_container");
    expect(Registry.ports).toBeUndefined();
  });

  test("tells where Prometheus finds it", () => {
    const { metrics } = new RegistryContainer(stackOf(), "Registry", {
      metrics: RegistryMetrics.prometheus({ path: "/prometheus" }),
    });
    expect(metrics?.url).toBe("http://local-registry-metrics-door:5001/prometheus");
    expect(new RegistryContainer(stackOf(), "Registry").metrics).toBeUndefined();
  });

  test("is not made anew when its path changes: it reloads", () => {
    expect(endpoint().lifecycle).toBeUndefined();
    const { upload } = resources(synthEndpoint({ path: "/m" }), "docker_container").Registry_MetricsDoor_Config_Writer;
    expect(upload[0].content).toContain("location = /m {");
  });
});

describe("a path of metrics fails", () => {
  test.each([
    ["when it is that of another thing", "/debug/vars"],
    ["when it could end nginx's directive", "/m;"],
    ["when it does not begin with a slash", "metrics"],
  ])("%s", (_, path) => {
    expect(() => RegistryMetrics.prometheus({ path })).toThrow(`path is "${path}", expected a path`);
  });
});

describe("the nginx.conf of the endpoint", () => {
  const text = renderMetricsEndpointConfig({
    port: 5001,
    path: "/metrics",
    debugAddress: "registry.debug:5001",
    healthAddress: "127.0.0.1:8079",
    moreFiles: ["/run/status/disk.prom", "/run/status/maintenance.prom"],
  });

  test("is what an engineer would write by hand", () => {
    expect(text).toMatchSnapshot();
  });

  test("hands on one path, whatever a client makes of it, and nothing else", () => {
    expect(text.match(/location .*(?= \{)/g)).toEqual([
      "location = /metrics",
      ...["location = /_more/0", "location = /_more/1", "location @nothing"],
      ...["location /", "location = /"],
    ]);
    expect(text.match(/proxy_pass .*/g)).toEqual(Array(2).fill("proxy_pass http://$registry;"));
    expect(text.match(/rewrite .*/g)).toEqual(Array(2).fill("rewrite ^ /metrics? break;"));
  });
});
