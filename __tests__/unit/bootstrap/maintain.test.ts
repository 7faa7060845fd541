import { maintainedContainers, requireCommand } from "../../../bootstrap/maintain";

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
    const mount = (read_only: boolean) => ({ volumes: [{ container_path: "/run/status", read_only }] });
    const registry = { name: "local-registry", ...mount(false) };
    const proxy = { name: "local-proxy", ...mount(true) };
    expect(maintainedContainers({ proxy, registry, other: { name: "local-cache" } }, "local")).toEqual([
      "local-registry",
    ]);
    expect(() => maintainedContainers({ proxy }, "local")).toThrow("the registry of local has no maintenance");
  });
});
