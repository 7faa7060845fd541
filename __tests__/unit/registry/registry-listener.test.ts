import { Construct } from "constructs";
import { RegistryListener, type RegistryListenerBinding } from "../../../lib";
import { stackOf } from "../synth";

function bound(listener: RegistryListener): RegistryListenerBinding {
  const context = { hostName: "local-registry", imageId: "sha256:0", majorVersion: 3 };
  return listener.bind(new Construct(stackOf(), "Registry"), context);
}

describe("a registry that listens on a socket", () => {
  const { registry, upstream } = bound(RegistryListener.unixSocket());

  test("has it in a volume in memory that only its user and the proxy's may enter", () => {
    expect(registry.volumes).toEqual([
      {
        id: "Socket",
        name: "local-registry-socket",
        driverOptions: { type: "tmpfs", device: "tmpfs", o: "uid=65532,gid=65532,mode=0700,size=1m" },
      },
    ]);
  });

  test("needs no network", () => {
    expect(registry.networks).toBeUndefined();
    expect(registry.networkNames).toBeUndefined();
    expect(upstream.networkNames).toBeUndefined();
  });

  test("and its proxy speak of the same socket", () => {
    expect(registry.config).toEqual({ http: { net: "unix", addr: "/run/registry/registry.sock" } });
    expect(upstream.address).toBe("unix:/run/registry/registry.sock");
    expect(upstream.mounts).toEqual([{ ...registry.mounts?.[0], readOnly: true }]);
  });
});

describe("a registry that listens on a port", () => {
  test("does so on an internal network of its own", () => {
    const { registry, upstream } = bound(RegistryListener.tcp());
    expect(registry.networks).toEqual([{ id: "Network", name: "local-registry", isInternal: true }]);
    expect(registry.networkNames).toEqual(["local-registry"]);
    expect(upstream.networkNames).toEqual(registry.networkNames);
  });

  test("is reached by the name of its container", () => {
    const { registry, upstream } = bound(RegistryListener.tcp(5001));
    expect(registry.config).toEqual({ http: { addr: ":5001" } });
    expect(upstream.address).toBe("local-registry:5001");
  });

  test.each([0, 70000, "5000"])("fails when the port is %p", (port) => {
    expect(() => RegistryListener.tcp(port as number)).toThrow(
      /^RegistryListener\.tcp: port is .*, expected a whole number from 1 to 65535\. Fix: write a number such as 5000/,
    );
  });
});
