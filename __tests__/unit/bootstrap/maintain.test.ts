import { collectingServices, maintainedContainers, noTaskHere, requireCommand } from "../../../bootstrap/maintain";

describe("npm run maintain", () => {
  it.each([
    ["collect"],
    ["collect", "--dry-run"],
    ["check"],
    ["check", "--full"],
    ["quarantine"],
    ["undo"],
    ["status"],
  ])("knows %s %s", (...command) => {
    expect(requireCommand(command)).toEqual(command);
  });

  it.each([[], ["recover"], ["check", "--dry-run"], ["collect", "now"], ["undo", "it", "all"]])(
    "refuses %s %s %s",
    (...command) => {
      expect(() => requireCommand(command)).toThrow(
        "is not a command; known are: collect [--dry-run], check [--full], quarantine, undo, status",
      );
    },
  );

  it("goes to the containers that write a status, and says so where there is none", () => {
    const mounts = (config: string, read_only: boolean) => ({
      volumes: [
        { container_path: "/run/status", read_only },
        { container_path: "/config", read_only: true, volume_name: config },
      ],
    });
    const writer = (config: string, ...files: string[]) => ({
      upload: files.map((file) => ({ file: `/staged/${file}` })),
      volumes: [{ container_path: "/config", read_only: false, volume_name: config }],
    });
    const registry = { name: "local-registry", ...mounts("registry", false) };
    const proxy = { name: "local-proxy", ...mounts("proxy", true) };
    const proxyWriter = writer("proxy", "nginx.conf");
    const maintained = writer("registry", "config.yml", "bin/maintain");
    const others = { proxy, proxyWriter, other: { name: "local-cache" } };
    expect(maintainedContainers({ ...others, registry, maintained }, "local")).toEqual(["local-registry"]);
    expect(() => maintainedContainers({ proxy }, "local")).toThrow("the registry of local has no maintenance");
    // It tells of its disk only.
    const unmaintained = writer("registry", "config.yml", "bin/watch-disk");
    expect(() => maintainedContainers({ ...others, registry, unmaintained }, "local")).toThrow(
      "the registry of local has no maintenance",
    );
  });

  it("goes to the task that collects for a Swarm, and says where it is when that is another node", () => {
    const services = { registry: { name: "swarm-registry" }, collector: { name: "swarm-collector" } };
    expect(collectingServices(services)).toEqual(["swarm-collector"]);
    expect(noTaskHere("swarm-collector", "node-2")).toMatch(/is on node-2, .* Fix: there, docker exec .*maintain …$/);
    expect(noTaskHere("swarm-collector", "")).toBe(
      "swarm-collector has no task that runs. Fix: docker service ps swarm-collector says why",
    );
  });
});
