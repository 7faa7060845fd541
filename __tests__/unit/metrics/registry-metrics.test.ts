import { parse } from "yaml";
import { RegistryContainer, type RegistryContainerProps, RegistryMetrics } from "../../../lib";
import { resources, synth } from "../synth";

const synthRegistry = (props: RegistryContainerProps) =>
  synth((stack) => new RegistryContainer(stack, "Registry", props));

function config(props: RegistryContainerProps) {
  const { upload } = resources(synthRegistry(props), "docker_container").Registry_Config_Writer;
  return parse(upload.find(({ file }: { file: string }) => file.endsWith("config.yml")).content);
}

describe("metrics", () => {
  test("are off, and the debug server is the container's alone", () => {
    expect(config({}).http.debug).toEqual({ addr: "127.0.0.1:5001" });
  });

  test("are on the debug server, which listens on a network for the endpoint alone", () => {
    const props = { metrics: RegistryMetrics.prometheus({ networkName: "monitoring" }), networkNames: ["shared"] };
    expect(config(props).http.debug).toEqual({
      addr: "local-registry.local-registry-debug:5001",
      prometheus: { enabled: true, path: "/metrics" },
    });
    const synthesised = synthRegistry(props);
    const networks = resources(synthesised, "docker_network");
    expect(networks.Registry_Debug).toMatchObject({ name: "local-registry-debug", internal: true });
    const { Registry, Registry_MetricsDoor: door } = resources(synthesised, "docker_container");
    expect(Registry.networks_advanced).toEqual([
      { name: expect.stringContaining("Registry_Debug") },
      { name: "shared" },
    ]);
    expect(door.networks_advanced).toEqual([Registry.networks_advanced[0], { name: "monitoring" }]);
    expect(Registry.healthcheck.test[1]).toContain("http://local-registry.local-registry-debug:5001/debug/health");
  });
});
