import { backupContainers, requireBackupCommand } from "../../../bootstrap/backup";

describe("npm run backup", () => {
  it.each(["now", "list", "check", "check --full", "status"])("knows %s", (line) => {
    expect(requireBackupCommand(line.split(" "))).toEqual({ script: line.split(" ") });
  });

  it("restores the last backup, or one by its id, into a volume", () => {
    expect(requireBackupCommand(["restore", "--into", "new"])).toEqual({ script: ["restore"], volume: "new" });
    expect(requireBackupCommand(["restore", "1a2b3c4d", "--into", "new"])).toEqual({
      script: ["restore", "1a2b3c4d"],
      volume: "new",
    });
  });

  it.each([
    "",
    "later",
    "now --full",
    "restore",
    "restore new",
    "restore --into",
    "restore a b --into new",
    "schedule",
  ])('refuses "%s"', (line) => {
    const wanted = "is not a command; known are: now, list, check [--full], status, restore [<id>] --into <volume>";
    expect(() => requireBackupCommand(line.split(" "))).toThrow(wanted);
  });

  it("goes to the containers of backups, and says so where there is none", () => {
    const mount = (path: string) => ({ volumes: [{ container_path: path }] });
    const registry = { name: "local-registry", ...mount("/run/status") };
    const backup = { name: "local-backup", ...mount("/backup") };
    expect(backupContainers({ registry, backup }, "local")).toEqual(["local-backup"]);
    expect(() => backupContainers({ registry }, "local")).toThrow("local has no backup. Fix: give it backup: { target");
  });
});
