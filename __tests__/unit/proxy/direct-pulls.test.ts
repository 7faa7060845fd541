import type { TerraformStack } from "cdktf";
import {
  type IRegistry,
  MirrorContainer,
  NginxProxy,
  type NginxProxyProps,
  NotificationAction,
  PublicEndpoint,
  RegistryContainer,
  type RegistryContainerProps,
  RegistryStorage,
} from "../../../lib";

import { resources, stackOf, synth } from "../synth";

type MakeRegistry = (stack: TerraformStack) => IRegistry;

const of =
  (props: RegistryContainerProps = {}): MakeRegistry =>
  (stack) =>
    new RegistryContainer(stack, "Registry", props);
const mirror: MakeRegistry = (stack) =>
  new MirrorContainer(stack, "Registry", { upstream: { url: "https://registry.example.com" } });

function proxy(stack: TerraformStack, registry: MakeRegistry, props: Partial<NginxProxyProps> = {}) {
  const endpoint = PublicEndpoint.http({ host: "registry.example.com", port: 5080 });
  return new NginxProxy(stack, "Proxy", { endpoint, registry: registry(stack), ...props });
}

function filesOf(registry: MakeRegistry, props: Partial<NginxProxyProps> = {}): { [name: string]: string } {
  const { upload } = resources(
    synth((stack) => proxy(stack, registry, props)),
    "docker_container",
  ).Proxy_Config_Writer;
  return Object.fromEntries(
    upload.map(({ file, content }: { file: string; content: string }) => [file.replace("/staged/", ""), content]),
  );
}

const receiver = { name: "audit", url: "https://audit.example.com" };

const ASKED: [string, RegistryContainerProps, RegExp][] = [
  ["checks users", { configOverrides: { auth: { htpasswd: { realm: "a", path: "/a" } } } }, /checks who may pull/],
  ["has a middleware", { configOverrides: { middleware: { repository: [{ name: "a" }] } } }, /middleware/],
  ["tells of pulls", { notifications: [receiver] }, /receiver "audit".*ignoredActions/],
  ["has a health check of a file", { health: { files: [{ path: "/tmp/out-of-service" }] } }, /in service/],
  ["has a header with a variable's sign", { headers: { "X-Price": ["5 $"] } }, /X-Price/],
];

describe("direct pulls", () => {
  test("are on by default, with the script and the registry's headers", () => {
    const files = filesOf(of({ headers: { "X-Team": ["platform"] } }));
    expect(files["nginx.conf"]).toContain("add_header X-Team 'platform' always;");
    expect(files["direct-pulls.js"]).toContain("export default");
  });

  test.each(ASKED)("are off for a registry that %s", (_, props) => {
    const files = filesOf(of(props));
    expect(files["nginx.conf"]).toContain("$blob_sender");
    expect(files["nginx.conf"]).not.toContain("$direct_blob");
    expect(Object.keys(files)).not.toContain("direct-pulls.js");
  });

  test.each(ASKED)("are refused for a registry that %s, with the reason", (_, props, reason) => {
    expect(() => proxy(stackOf(), of(props), { directPulls: true })).toThrow(reason);
  });

  test("are on where receivers are told of other things only", () => {
    const quiet = { ...receiver, ignoredActions: [NotificationAction.PULL] };
    const disabled = { ...receiver, name: "later", disabled: true };
    expect(filesOf(of({ notifications: [quiet, disabled] }))["nginx.conf"]).toContain("$direct_blob");
  });

  test("can be turned off", () => {
    expect(filesOf(of(), { directPulls: false })["nginx.conf"]).not.toContain("$direct_blob");
  });

  test("of a mirror are by digest only", () => {
    const conf = filesOf(mirror)["nginx.conf"];
    expect(conf).toContain("(?<direct_reference>sha256:[0-9a-f]{64}))");
    expect(conf).not.toContain("pulls-only");
  });

  test("need the registry's files", () => {
    expect(() => proxy(stackOf(), of(), { directPulls: true, acceleratedPulls: false })).toThrow(
      /directPulls.*true[\s\S]*leave acceleratedPulls out/,
    );
    expect(() => proxy(stackOf(), of({ storage: RegistryStorage.inMemory() }), { directPulls: true })).toThrow(
      /directPulls[\s\S]*RegistryStorage.filesystem/,
    );
  });
});
