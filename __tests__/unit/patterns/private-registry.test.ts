import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { type TerraformStack, Testing } from "cdktf";
import {
  Access,
  Certificate,
  HtpasswdUser,
  LoginPlace,
  MirrorContainer,
  PrivateRegistry,
  type PrivateRegistryProps,
  PublicEndpoint,
  RegistryContainer,
  RegistryStorage,
} from "../../../lib";
import { resources, stackOf } from "../synth";
import { issue } from "../tls/x509";

const https = PublicEndpoint.https({ host: "registry.example.com" });
const http = PublicEndpoint.http({ host: "registry.example.com" });
const users = [HtpasswdUser.generated("ci", { access: Access.PUSH })];

function stack(): TerraformStack {
  const made = stackOf();
  new LocalProvider(made, "Local");
  new TlsProvider(made, "Tls");
  return made;
}

function registryOf(props: Partial<PrivateRegistryProps> = {}, id = "Default"): PrivateRegistry {
  return new PrivateRegistry(stack(), id, { endpoint: https, ...props });
}

const synthesised = (registry: PrivateRegistry): string => Testing.synth(registry.node.scope as TerraformStack, true);

describe("a private registry", () => {
  test("over HTTPS has an authority, a certificate and users in front of a registry", () => {
    const registry = registryOf({ users });
    expect(registry.url).toBe("https://registry.example.com");
    expect(registry.registry).toBeInstanceOf(RegistryContainer);
    const text = synthesised(registry);
    expect(Object.keys(resources(text, "tls_locally_signed_cert"))).toEqual(["CA_Server"]);
    expect(resources(text, "docker_container").Proxy.ports).toHaveLength(1);
    const { upload } = resources(text, "docker_container").Proxy_Config_Writer;
    expect(JSON.stringify(upload)).toContain("auth_request");
  });

  test("over HTTP has neither authority nor certificate", () => {
    const { ca, certificate } = registryOf({ endpoint: http });
    expect([ca, certificate]).toEqual([undefined, undefined]);
  });

  test("over HTTP is asked by its other names too", () => {
    const text = synthesised(registryOf({ endpoint: http, alternativeNames: ["images.example.com"] }));
    expect(text).toContain("images.example.com '';");
  });

  test("under the id Default has the names and addresses of its parts alone", () => {
    const text = synthesised(registryOf());
    expect(resources(text, "docker_container").Registry.name).toBe("local-registry");
    expect(resources(text, "docker_volume").Registry_Data.name).toBe("local-registry-data");
  });

  test("protects its images unless that is said", () => {
    const lifecycle = (props: Partial<PrivateRegistryProps>) =>
      resources(synthesised(registryOf(props)), "docker_volume").Registry_Data.lifecycle;
    expect(lifecycle({})).toEqual({ prevent_destroy: true });
    expect(lifecycle({ protectData: false })).toEqual({ prevent_destroy: false });
  });

  test("checks passwords where that is said", () => {
    const { registry, users: bound } = registryOf({ users, loginPlace: LoginPlace.REGISTRY });
    expect(registry.users).toBe(bound);
    expect(registryOf({ users }).registry.users).toBeUndefined();
  });

  test("with an upstream is a mirror, where nobody may push", () => {
    const upstream = { url: "https://upstream.example.com" };
    expect(registryOf({ upstream }).registry).toBeInstanceOf(MirrorContainer);
    expect(() => synthesised(registryOf({ upstream, users }))).toThrow(
      /takes no pushes, and "ci" is a user who may push/,
    );
  });

  test("takes a certificate that is there already, and gives clients its CA only where one is given", () => {
    const given = (caCertificatePem?: string) => {
      const made = stack();
      const { certificatePem, privateKeyPem } = issue();
      const registry = new PrivateRegistry(made, "Default", {
        endpoint: https,
        certificate: Certificate.fromPem(made, "Certificate", { certificateChainPem: certificatePem, privateKeyPem }),
        caCertificatePem,
      });
      expect(registry.ca).toBeUndefined();
      return Object.keys(resources(Testing.synth(made, true), "local_file"));
    };
    expect(given()).not.toContain("ClientTrust_CaCertificate");
    expect(given(issue({ isCa: true }).certificatePem)).toContain("ClientTrust_CaCertificate");
  });

  test("gives way to what its options say", () => {
    const text = synthesised(
      registryOf({
        registryOptions: { storage: RegistryStorage.inMemory(), memoryMiB: 512 },
        proxyOptions: { bodyLimitMiB: 7 },
        redisCache: true,
        redisOptions: { maxMemoryMiB: 64 },
      }),
    );
    expect(resources(text, "docker_container").Registry.memory).toBe(512);
    expect(resources(text, "docker_container").Cache.memory).toBe(128);
    expect(text).toContain("client_max_body_size 7m;");
    expect(resources(text, "docker_volume").Registry_Data).toBeUndefined();
  });

  test("fits a stack twice", () => {
    const made = stack();
    for (const [id, port] of Object.entries({ Team: 5000, Public: 5001 })) {
      const endpoint = PublicEndpoint.https({ host: "localhost", port });
      new PrivateRegistry(made, id, { endpoint, users }).addOutputs(`${id.toLowerCase()}_`);
    }
    const text = Testing.synth(made, true);
    const names = Object.values(resources(text, "docker_container")).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["local-team-registry", "local-public-proxy"]));
    expect(new Set(names).size).toBe(names.length);
    expect(JSON.parse(text).output).toMatchObject({
      team_client_trust_directory: { value: "client-trust/local-Team" },
      public_registry_url: { value: "https://localhost:5001" },
    });
  });

  test("tells clients of the CA that they have to trust, not of the one between proxy and registry", () => {
    const registry = registryOf({ endpoint: http, reencrypted: true });
    expect(registry.ca).toBeDefined();
    registry.addOutputs();
    expect(JSON.parse(synthesised(registry)).output.ca_certificate).toBeUndefined();
  });

  test.each<[string, Partial<PrivateRegistryProps>, RegExp]>([
    ["a CA is given without its certificate", { caCertificatePem: "-" }, /caCertificatePem is "a CA", expected none/],
    ["a place for logins is given without users", { loginPlace: LoginPlace.PROXY }, /loginPlace is "proxy", expected/],
    ["options of a Redis are given without one", { redisOptions: {} }, /redisOptions is "options", expected none/],
  ])("fails when %s", (_, props, message) => {
    expect(() => registryOf(props)).toThrow(message);
  });
});
