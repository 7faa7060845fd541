import { App, GcsBackend, S3Backend, type TerraformStack, Testing } from "cdktf";
import type { RegistryStackProps } from "../../../stacks";
import { http, synthVariant, variants } from "./variants";

describe.each(Object.entries(variants))("the stack %s", (name, create) => {
  const synthesised = synthVariant(name);

  test("keeps its addresses: one that changes is a user's resource that is destroyed", () => {
    const { resource, output } = JSON.parse(synthesised);
    const addresses = Object.entries<object>(resource).flatMap(([type, all]) =>
      Object.keys(all).map((address) => `${type}.${address}`),
    );
    const outputs = Object.keys(output).map((output) => `output.${output}`);
    expect([...addresses.sort(), ...outputs.sort()].join("\n")).toMatchSnapshot();
  });

  test("keeps the names that its objects have on the engine", () => {
    const { resource } = JSON.parse(synthesised);
    const names = ["docker_container", "docker_service", "docker_network", "docker_volume"].flatMap((type) =>
      Object.values<{ name: string }>(resource[type] ?? {}).map((object) => `${type} ${object.name}`),
    );
    expect(names.sort().join("\n")).toMatchSnapshot();
  });

  test("is the same text each time", () => {
    expect(Testing.synth(create(new App()), true)).toBe(synthesised);
  });
});

test("each container of a registry is as it was seen to run", () => {
  const containers = JSON.parse(synthVariant("users-at-proxy")).resource.docker_container;
  const withoutTexts = (key: string, value: unknown) => {
    const isScript = typeof value === "string" && value.includes("\n");
    return ["upload", "lifecycle", "//"].includes(key) ? undefined : isScript ? "(script)" : value;
  };
  expect(JSON.parse(JSON.stringify(containers, withoutTexts))).toMatchSnapshot();
});

describe("every registry stack", () => {
  const synth = (props?: Partial<RegistryStackProps>) => JSON.parse(Testing.synth(http(new App(), props), true));

  test("tells where the registry is", () => {
    expect(synth().output).toMatchObject({
      registry_url: { value: "http://registry.example.com:5080" },
      registry_host: { value: "registry.example.com:5080" },
    });
  });

  test("keeps its state in a file of the project that is named after the environment", () => {
    expect(synth().terraform.backend).toEqual({ local: { path: "../../../state/example.tfstate" } });
  });

  test("keeps its state where the environment says", () => {
    const state = (stack: TerraformStack) => {
      new GcsBackend(stack, { bucket: "states", prefix: "example" });
    };
    expect(synth({ state }).terraform.backend).toEqual({ gcs: { bucket: "states", prefix: "example" } });
  });

  test.each<[string, boolean, (stack: TerraformStack) => void]>([
    ["without a lock", true, () => {}],
    ["with use_lockfile", false, (stack) => stack.addOverride("terraform.backend.s3.use_lockfile", true)],
  ])("warns of a state in S3 that two deploys may spoil: %s", (_, warns, adjust) => {
    const stack = http(new App(), {
      state: (made) => {
        new S3Backend(made, { bucket: "states", key: "example", region: "eu-central-1" });
        adjust(made);
      },
    });
    const messages = stack.node.metadata.map(({ data }) => data).filter((data) => /not locked/.test(String(data)));
    expect(messages).toEqual(warns ? [expect.stringMatching(/Fix: .*use_lockfile/)] : []);
  });

  test("deploys on the engine that the environment says, or on DOCKER_HOST", () => {
    expect(synth({ engine: "ssh://deploy@registry.example.com" }).provider.docker).toEqual([
      { host: "ssh://deploy@registry.example.com", context: "", cert_path: "" },
    ]);
    expect(synth().provider.docker).toEqual([{}]);
  });

  test("reaches an engine by ssh with options of its own", () => {
    const engineSshOptions = ["-i", "/home/ci/.ssh/deploy"];
    expect(synth({ engine: "ssh://deploy@registry.example.com", engineSshOptions }).provider.docker).toMatchObject([
      { ssh_opts: engineSshOptions },
    ]);
  });

  test.each([
    ["certs/production", "../../../certs/production"],
    ["/etc/ci/docker", "/etc/ci/docker"],
  ])("reaches an engine by TCP with the client certificate in %s", (engineCertPath, cert_path) => {
    const engine = "tcp://registry.example.com:2376";
    expect(synth({ engine, engineCertPath }).provider.docker).toEqual([{ host: engine, context: "", cert_path }]);
    // What every other tool takes, where the environment says nothing.
    expect(synth({ engine }).provider.docker).toEqual([{ host: engine, context: "" }]);
  });

  test.each([
    [{ engine: "registry.example.com" }, 'engine is "registry.example.com", expected ssh://user@host[:port]'],
    [{ engine: "ssh://host/a/path" }, "engine is"],
    [{ engineCertPath: "certs" }, "engineCertPath is"],
    [{ engine: "ssh://host", engineCertPath: "certs" }, 'expected nothing, since engine is "ssh://host"'],
    [{ engine: "tcp://host:2376", engineSshOptions: ["-v"] }, "engineSshOptions is"],
  ])("refuses what does not name an engine: %j", (props, message) => {
    expect(() => synth(props)).toThrow(message);
  });

  test("takes a newer docker provider than its bindings know", () => {
    expect(synth().terraform.required_providers.docker.version).toBe(">= 3.6.2, < 5.0.0");
  });

  test("protects the images of its registry, unless that is said", () => {
    const data = (props?: Partial<RegistryStackProps>) =>
      Object.entries<any>(synth(props).resource.docker_volume).find(([address]) =>
        address.startsWith("Registry_Data"),
      )?.[1];
    expect(data().lifecycle.prevent_destroy).toBe(true);
    expect(data({ protectData: false }).lifecycle.prevent_destroy).toBe(false);
  });
});

describe.each(["https", "reencrypted"])("the stack %s", (variant) => {
  const synthesised = JSON.parse(synthVariant(variant));
  const resources = (type: string) => Object.entries<any>(synthesised.resource[type]);

  test("hands out the CA's certificate and when the server's expires, and no key", () => {
    expect(synthesised.output).toMatchObject({
      ca_certificate: { value: expect.stringMatching(/^\$\{tls_self_signed_cert\.CA_\w+\.cert_pem}$/) },
      certificate_expires_at: { value: expect.stringMatching(/CA_Server_\w+\.validity_end_time}$/) },
    });
    expect(JSON.stringify(synthesised.output)).not.toContain("private_key");
  });

  test("has a certificate for each name of the server, at most 366 days valid and renewed early", () => {
    const [, request] = resources("tls_cert_request").find(([address]) => address.startsWith("CA_Server_")) ?? [];
    expect(request.dns_names).toEqual(["registry.example.com"]);
    expect(request.ip_addresses).toEqual(variant === "https" ? ["192.0.2.1"] : undefined);
    for (const [, certificate] of resources("tls_locally_signed_cert")) {
      expect(certificate.validity_period_hours).toBeLessThanOrEqual(366 * 24);
      expect(certificate.early_renewal_hours).toBeGreaterThanOrEqual(30 * 24);
    }
  });

  test("publishes one port only", () => {
    const published = resources("docker_container").flatMap(([, { ports }]) => ports ?? []);
    expect(published).toEqual([{ external: 8443, internal: 8443, ip: "127.0.0.1", protocol: "tcp" }]);
  });
});

test("a re-encrypted registry has a certificate for the name that its proxy calls it by", () => {
  const synthesised = JSON.parse(synthVariant("reencrypted"));
  const requests = Object.entries<any>(synthesised.resource.tls_cert_request);
  const [, request] = requests.find(([address]) => address.startsWith("CA_Registry_")) ?? [];
  expect(request.dns_names).toEqual(["example-registry"]);
  expect(JSON.stringify(synthesised.resource.docker_container)).toContain("proxy_ssl_name example-registry;");
});
