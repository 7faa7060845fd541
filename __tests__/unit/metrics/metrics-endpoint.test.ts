import { Network } from "@cdktf/provider-docker/lib/network";
import { ContainerImage, RegistryContainer, type RegistryMetrics } from "../../../lib";
import { renderMetricsDoorConfig } from "../../../lib/metrics/metrics-endpoint-config";
import { resources, stackOf, synth } from "../synth";

const synthDoor = (metrics: RegistryMetrics = {}) =>
  synth((stack) => new RegistryContainer(stack, "Registry", { metrics }));
const door = (metrics?: RegistryMetrics) => resources(synthDoor(metrics), "docker_container").Registry_MetricsDoor;

describe("the door of the metrics", () => {
  test("is an nginx of its own, and its image can be chosen", () => {
    const image = (metrics?: RegistryMetrics) =>
      resources(synthDoor(metrics), "docker_image").Registry_MetricsDoor_Image.name;
    expect(image()).toBe("nginx:stable");
    expect(image({ image: ContainerImage.of("example.com/nginx:1") })).toBe("example.com/nginx:1");
  });

  test("has nothing that it does not need", () => {
    expect(door()).toMatchObject({
      name: "local-registry-metrics-door",
      user: "65532:65532",
      read_only: true,
      capabilities: { drop: ["ALL"] },
      memory: 64,
    });
    expect(door({ memoryMiB: 32 }).memory).toBe(32);
  });

  test("is on an internal network of its own, for Prometheus to join", () => {
    expect(synthDoor()).toHaveResourceWithProperties(Network, { name: "local-registry-metrics", internal: true });
    expect(door().ports).toBeUndefined();
  });

  test("is published where that is said, on this machine alone unless it is said otherwise", () => {
    const port = { internal: 5001, external: 9100, protocol: "tcp" };
    expect(door({ publishPort: 9100 }).ports).toEqual([{ ...port, ip: "127.0.0.1" }]);
    expect(door({ publishPort: 9100, publishAddress: "192.0.2.1" }).ports).toEqual([{ ...port, ip: "192.0.2.1" }]);
    expect(resources(synthDoor({ publishPort: 9100 }), "docker_network").Registry_Metrics.internal).toBe(false);
    const { Registry } = resources(synthDoor({ publishPort: 9100 }), "docker_container");
    expect(Registry.ports).toBeUndefined();
  });

  test("tells where Prometheus finds it", () => {
    const { metricsDoor } = new RegistryContainer(stackOf(), "Registry", { metrics: { path: "/prometheus" } });
    expect(metricsDoor?.url).toBe("http://local-registry-metrics-door:5001/prometheus");
    expect(new RegistryContainer(stackOf(), "Registry").metricsDoor).toBeUndefined();
  });

  test("is not made anew when its path changes: it reloads", () => {
    expect(door().lifecycle).toBeUndefined();
    const { upload } = resources(synthDoor({ path: "/m" }), "docker_container").Registry_MetricsDoor_Config_Writer;
    expect(upload[0].content).toContain("location = /m {");
  });
});

describe("the nginx.conf of the door", () => {
  const text = renderMetricsDoorConfig({
    port: 5001,
    path: "/metrics",
    debugAddress: "registry.debug:5001",
    healthSocket: "/tmp/health.sock",
  });

  test("is what an engineer would write by hand", () => {
    expect(text).toMatchSnapshot();
  });

  test("hands on one path, whatever a client makes of it, and nothing else", () => {
    expect(text.match(/location .*(?= \{)/g)).toEqual(["location = /metrics", "location /", "location = /"]);
    expect(text.match(/proxy_pass .*/g)).toEqual(Array(2).fill("proxy_pass http://$registry;"));
    expect(text.match(/rewrite .*/g)).toEqual(Array(2).fill("rewrite ^ /metrics? break;"));
  });
});
