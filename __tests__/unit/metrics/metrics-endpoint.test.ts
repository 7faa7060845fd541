import { Network } from "@cdktf/provider-docker/lib/network";
import { ContainerImage, RegistryContainer, RegistryMetrics, type RegistryMetricsProps } from "../../../lib";
import { renderMetricsEndpointConfig, renderMetricsPage } from "../../../lib/metrics/metrics-endpoint-config";
import { resources, reviewed, stackOf, synth } from "../synth";

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
    const files = reviewed(synthEndpoint({ path: "/m" }), "Registry_MetricsDoor_Config");
    expect(files["nginx.conf"]).toContain("location = /m {");
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

const SOURCES = [
  { name: "disk", path: "/sources/0/disk.prom" },
  { name: "local-proxy", path: "/sources/1/proxy.sock", isSocket: true, otherwise: "registry_nginx_up 0\n" },
];

describe("the nginx.conf of the endpoint", () => {
  const text = renderMetricsEndpointConfig({
    port: 5001,
    path: "/metrics",
    debugAddress: "registry.debug:5001",
    healthAddress: "127.0.0.1:8079",
    page: "/config/current/metrics.page",
    sources: SOURCES,
  });

  test("is what an engineer would write by hand", () => {
    expect(text).toMatchSnapshot();
  });

  test("hands on one path, whatever a client makes of it, and nothing else", () => {
    const [outer, inner] = [text.match(/location .*(?= \{\n(?! +internal))/g), text.match(/internal;/g)];
    expect(outer).toEqual([
      "location = /metrics",
      "location @registry_is_down",
      "location @local-proxy_is_down",
      "location @nothing",
      "location /",
      "location = /",
    ]);
    expect(inner).toHaveLength(3);
    expect(text.match(/proxy_pass .*/g)).toEqual([
      "proxy_pass http://$registry;",
      "proxy_pass http://unix:/sources/1/proxy.sock:/;",
      "proxy_pass http://$registry;",
    ]);
    expect(text.match(/rewrite .*/g)).toEqual(Array(2).fill("rewrite ^ /metrics? break;"));
  });

  test("puts together what the page names", () => {
    expect(renderMetricsPage(SOURCES)).toBe(
      ["registry", "disk", "local-proxy"].map((name) => `<!--# include virtual="/_sources/${name}" -->\n`).join(""),
    );
  });
});

describe("a source of metrics", () => {
  const registry = () => new RegistryContainer(stackOf(), "Registry", { metrics: RegistryMetrics.prometheus() });
  const source = { name: "scanner", volumeName: "scanner-figures", file: "scanner.prom" };

  test("is shown by the endpoint, which reads its volume", () => {
    const synthesised = synth((stack) => {
      const { metrics } = new RegistryContainer(stack, "Registry", { metrics: RegistryMetrics.prometheus() });
      metrics?.addSource(source);
      expect(metrics?.sources.map(({ name }) => name)).toEqual(["disk", "scanner"]);
    });
    const { volumes } = resources(synthesised, "docker_container").Registry_MetricsDoor;
    expect(volumes).toContainEqual({
      volume_name: "scanner-figures",
      container_path: "/sources/1",
      read_only: true,
    });
    expect(reviewed(synthesised, "Registry_MetricsDoor_Config")["nginx.conf"]).toContain(
      "alias /sources/1/scanner.prom;",
    );
  });

  test("fails with a name that another one has, or that nginx.conf could not hold", () => {
    expect(() => registry().metrics?.addSource({ ...source, name: "disk" })).toThrow("a name that no other source has");
    expect(() => registry().metrics?.addSource({ ...source, name: "a b" })).toThrow("letters, digits");
    expect(() => registry().metrics?.addSource({ ...source, name: "registry" })).toThrow("letters, digits");
  });
});
