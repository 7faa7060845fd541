import { spawnSync } from "node:child_process";
import { registryCheck } from "../../../lib/registry/config-check";
import { registryHealthCommand, registryRunner } from "../../../lib/registry/runner";

const ON_SOCKET = {
  storage: { inmemory: {} },
  http: { net: "unix", addr: "/run/registry/registry.sock", debug: { addr: "127.0.0.1:5001" } },
};
const IN_TURN = {
  "listens on a port": { ...ON_SOCKET, http: { ...ON_SOCKET.http, net: "tcp", addr: ":5000" } },
  "shows its metrics": { ...ON_SOCKET, http: { ...ON_SOCKET.http, debug: { addr: ":5001" } } },
  "copies from another one": { ...ON_SOCKET, proxy: { remoteurl: "https://registry.example.com" } },
};

const run = (config: object) => registryRunner({ config, stopGraceSeconds: 30 });

describe("the start script of a registry", () => {
  test.each([["on a socket", ON_SOCKET], ...Object.entries(IN_TURN)])("is a shell script where it %s", (_, config) => {
    for (const script of [run(config), registryCheck(config, ["/run/registry"]), registryCheck(config, [])]) {
      expect(spawnSync("sh", ["-n", "-c", script], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
    }
  });

  test("has the new process take over the socket of the old one", () => {
    expect(run(ON_SOCKET)).toContain("mv -f /run/registry/registry.sock.$next /run/registry/registry.sock\n");
    expect(registryHealthCommand(ON_SOCKET)[1]).toContain("http://127.0.0.1:$(cat /tmp/debug-port)/debug/health");
  });

  test.each(Object.entries(IN_TURN))("has the old process end first where it %s", (_, config) => {
    expect(run(config)).toContain(`rehearse || return 1\n    end "$registry"\n`);
    expect(registryHealthCommand(config)[1]).toContain("http://127.0.0.1:5001/debug/health");
  });

  test("gives a process as long to end as its container", () => {
    expect(registryRunner({ config: ON_SOCKET, stopGraceSeconds: 45 })).toContain("patience=900\n");
  });
});

test("a configuration whose storage cannot be opened without a network is not tried", () => {
  expect(registryCheck({ storage: { gcs: {} } }, [])).toBe("true");
});
