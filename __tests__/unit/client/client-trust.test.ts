import "cdktf/lib/testing/adapters/jest";
import { File } from "@cdktf/provider-local/lib/file";
import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, TerraformStack, Testing } from "cdktf";
import { ClientTrust, type ClientTrustProps } from "../../../lib/client/client-trust";
import { PublicEndpoint } from "../../../lib/core/public-endpoint";
import { SelfSignedCA } from "../../../lib/tls/self-signed-ca";
import { issue } from "../tls/x509";

Testing.setupJest();

const https = PublicEndpoint.https({ host: "registry.example.com", port: 5444 });
const http = PublicEndpoint.http({ host: "registry.example.com", port: 5080 });
const root = issue({ subject: "Example CA", isCa: true, names: [] });

function stackOf(): TerraformStack {
  const stack = new TerraformStack(new App(), "https");
  new TlsProvider(stack, "tls");
  new LocalProvider(stack, "local");
  return stack;
}

function trustOf(props: ClientTrustProps, stack = stackOf()): ClientTrust {
  return new ClientTrust(stack, "ClientTrust", props);
}

interface WrittenFile {
  readonly filename: string;
  readonly content: string;
  readonly file_permission: string;
  readonly directory_permission: string;
}

function filesOf(props: ClientTrustProps): WrittenFile[] {
  const stack = stackOf();
  trustOf(props, stack);
  return Object.values(JSON.parse(Testing.synth(stack, true)).resource.local_file);
}

function contentOf(files: WrittenFile[], name: string): string {
  return files.find(({ filename }) => filename.endsWith(`/${name}`))?.content ?? "(no such file)";
}

test("writes what a client of a TLS registry needs, into the folder where cdktf was started", () => {
  expect(
    filesOf({ endpoint: https, caCertificatePem: root.certificatePem })
      .map(({ filename, file_permission }) => `${file_permission} ${filename}`)
      .sort(),
  ).toEqual([
    "0644 ../../../client-trust/https/NEXT-STEPS.txt",
    "0644 ../../../client-trust/https/ca.crt",
    "0644 ../../../client-trust/https/certs.d/registry.example.com:5444/ca.crt",
    "0644 ../../../client-trust/https/daemon.json",
    "0755 ../../../client-trust/https/install.sh",
  ]);
});

test("the folder is an attribute, and may be chosen", () => {
  expect(trustOf({ endpoint: https }).directory).toBe("client-trust/https");
  expect(trustOf({ endpoint: https, directory: "out/clients/" }).directory).toBe("out/clients");
  expect(filesOf({ endpoint: https, directory: "/srv/trust" })[0].filename).toMatch(/^\/srv\/trust\//);
});

test("leaves the port out of the certs.d path where clients leave it out", () => {
  const endpoint = PublicEndpoint.https({ host: "registry.example.com" });
  expect(filesOf({ endpoint, caCertificatePem: root.certificatePem }).map(({ filename }) => filename)).toContain(
    "../../../client-trust/https/certs.d/registry.example.com/ca.crt",
  );
});

test("takes the CA of the same stack", () => {
  const stack = stackOf();
  const ca = new SelfSignedCA(stack, "CA");
  trustOf({ endpoint: https, caCertificatePem: ca.certificatePem }, stack);
  expect(Testing.synth(stack, true)).toHaveResourceWithProperties(File, {
    filename: "../../../client-trust/https/ca.crt",
    content: `$\{${ca.resource.terraformResourceType}.${ca.resource.friendlyUniqueId}.cert_pem}`,
  });
});

test("asks Docker to accept a registry without TLS", () => {
  const files = filesOf({ endpoint: http });
  expect(JSON.parse(contentOf(files, "daemon.json"))).toEqual({
    "insecure-registries": ["registry.example.com:5080"],
  });
  expect(files.map(({ filename }) => filename).filter((name) => name.endsWith("ca.crt"))).toEqual([]);
});

test("offers a registry with TLS as a mirror", () => {
  expect(JSON.parse(contentOf(filesOf({ endpoint: https }), "daemon.json"))).toEqual({
    "registry-mirrors": ["https://registry.example.com:5444"],
  });
});

test("escapes the shell's variables, so that Terraform leaves them to the shell", () => {
  const script = contentOf(filesOf({ endpoint: https }), "install.sh");
  expect(script).toContain("$$" + "{DOCKER_CERTS_D:-");
  expect(script.replaceAll("$${", "")).not.toContain("${");
});

test("holds no path of the machine that synthesised it", () => {
  const stack = stackOf();
  trustOf({ endpoint: https }, stack);
  expect(Testing.synth(stack, true)).not.toContain(process.cwd());
});

test("fails when a CA is given for plain HTTP", () => {
  expect(() => trustOf({ endpoint: http, caCertificatePem: root.certificatePem })).toThrow(
    /https\/ClientTrust: caCertificatePem is "a CA", expected none, since http:\/\/registry.example.com:5080/,
  );
});

test.each([
  ["a path", "ca.crt"],
  ["a private key", root.privateKeyPem],
  ["a certificate together with its key", root.certificatePem + root.privateKeyPem],
])("fails when the CA is %s, without printing it", (_what, caCertificatePem) => {
  expect(() => trustOf({ endpoint: https, caCertificatePem })).toThrow(
    `caCertificatePem is "a text of ${caCertificatePem.length} characters", expected certificates in PEM`,
  );
});

test("fails when two write the same folder", () => {
  const stack = stackOf();
  trustOf({ endpoint: https }, stack);
  expect(() => new ClientTrust(stack, "Other", { endpoint: http, directory: "client-trust/https/" })).toThrow(
    /https\/Other: directory is "client-trust\/https", expected another folder than that of https\/ClientTrust/,
  );
});
