import type { Construct } from "constructs";
import { AccessLog, NginxProxy, PublicEndpoint } from "../../../lib";
import { resources, reviewed, stackOf, synth } from "../synth";
import { ExistingRegistry } from "./existing-registry";

const proxy = (scope: Construct, accessLog?: AccessLog) =>
  new NginxProxy(scope, "Proxy", {
    endpoint: PublicEndpoint.http({ host: "registry.example.com", port: 5080 }),
    registry: new ExistingRegistry(scope, { address: "unix:/run/registry/registry.sock" }),
    accessLog,
  });

function parts(accessLog?: AccessLog) {
  const synthesised = synth((stack) => proxy(stack, accessLog));
  const { Proxy: container, Proxy_Config_Writer: writer } = resources(synthesised, "docker_container");
  const file = (path: string) => writer.upload.find((upload: { file: string }) => upload.file === path)?.content;
  return {
    container,
    writer,
    volumes: resources(synthesised, "docker_volume"),
    shown: reviewed(synthesised, "Proxy_Config"),
    nginxConf: file("/staged/nginx.conf"),
    rotation: file("/staged/bin/rotate-logs"),
  };
}

const FORMAT = /log_format registry '.*\n.*upstream=\$upstream_addr.*\n.*\n.*response_time=\$upstream_response_time/;

describe("the access log of a proxy", () => {
  test("goes to the log driver", () => {
    const { nginxConf, rotation, container } = parts();
    expect(nginxConf).toMatch(FORMAT);
    expect(nginxConf).toContain("    access_log /dev/stdout registry buffer=4k flush=1s;\n");
    expect(rotation).toBeUndefined();
    expect(container.volumes).toHaveLength(1);
    expect(parts(AccessLog.toLogDriver()).nginxConf).toBe(nginxConf);
  });

  test("goes to a volume of the proxy's own that belongs to its user", () => {
    const { nginxConf, container, writer, volumes } = parts(AccessLog.toVolume());
    expect(nginxConf).toMatch(FORMAT);
    expect(nginxConf).toContain("    access_log /logs/access.log registry;\n");
    expect(nginxConf).toContain("error_log stderr warn;");
    expect(volumes.Proxy_AccessLog).toEqual(expect.objectContaining({ name: "local-proxy-access-log" }));
    const volume = expect.stringContaining("Proxy_AccessLog");
    expect(container.volumes).toContainEqual({ volume_name: volume, container_path: "/logs", read_only: false });
    expect(writer.volumes).toContainEqual({ volume_name: volume, container_path: "/owned/0", read_only: false });
  });

  test("goes to a volume that is there already", () => {
    const { container, writer, volumes } = parts(AccessLog.toVolume({ volumeName: "logs" }));
    expect(volumes.Proxy_AccessLog).toBeUndefined();
    for (const { volumes: mounts } of [container, writer]) {
      expect(mounts).toContainEqual(expect.objectContaining({ volume_name: "logs" }));
    }
  });

  test("is kept within its limits, which plans show and which change without a restart", () => {
    const log = AccessLog.toVolume({ maxSizeMiB: 100, maxFiles: 3 });
    const { rotation, shown, container } = parts(log);
    expect(rotation).toContain("-ge 104857600 ]");
    expect(shown["bin/rotate-logs"].trim()).toBe(rotation.trim());
    expect(container.command).toEqual(parts(AccessLog.toVolume()).container.command);
  });

  test("can be left out", () => {
    const { nginxConf } = parts(AccessLog.none());
    expect(nginxConf).toContain("    access_log off;\n");
    expect(nginxConf).not.toContain("log_format");
  });

  test.each([
    ["maxSizeMiB", 0],
    ["maxSizeMiB", 1.5],
    ["maxFiles", 1],
  ])("fails when its %s is %p", (field, value) => {
    expect(() => AccessLog.toVolume({ [field]: value })).toThrow(
      new RegExp(`^AccessLog.toVolume: ${field} is ${value}, expected a whole number from `),
    );
  });

  test("fails when its volume's name is none", () => {
    expect(() => proxy(stackOf(), AccessLog.toVolume({ volumeName: "/var/log" }))).toThrow(
      /^local\/Proxy: accessLog.volumeName is "\/var\/log", expected/,
    );
  });
});
