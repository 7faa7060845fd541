import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { type TerraformStack, TerraformVariable } from "cdktf";
import {
  type IssueCertificateProps,
  NginxProxy,
  type NginxProxyProps,
  PublicEndpoint,
  type PublicEndpointProps,
  type RegistryUpstream,
  SelfSignedCA,
  TlsProfile,
} from "../../../lib";
import { resources, reviewed, synth } from "../synth";
import { ExistingRegistry } from "./existing-registry";

const SOCKET: RegistryUpstream = { address: "unix:/run/registry/registry.sock" };
const HOST = "registry.example.com";
const https = (props: Partial<PublicEndpointProps> = {}) => PublicEndpoint.https({ host: HOST, port: 8443, ...props });

interface Given extends Partial<NginxProxyProps> {
  readonly names?: IssueCertificateProps;
  readonly upstream?: RegistryUpstream;
}

function proxy(stack: TerraformStack, { names, upstream = SOCKET, ...props }: Given): NginxProxy {
  new TlsProvider(stack, "Tls");
  const certificate = new SelfSignedCA(stack, "CA").issueCertificate("Server", names ?? { dnsNames: [HOST] });
  const registry = new ExistingRegistry(stack, upstream);
  return new NginxProxy(stack, "Proxy", { endpoint: https(), registry, certificate, ...props });
}

const containers = (given: Given) =>
  resources(
    synth((stack) => proxy(stack, given)),
    "docker_container",
  );

function uploads(given: Given = {}): { [path: string]: { content: string; permissions: string } } {
  const { upload } = containers(given).Proxy_Config_Writer;
  return Object.fromEntries(upload.map((file: { file: string }) => [file.file.replace("/staged/", ""), file]));
}

const nginxConf = (given?: Given) => uploads(given)["nginx.conf"].content;

describe("a proxy with a certificate", () => {
  test("publishes TLS and nothing else", () => {
    expect(containers({}).Proxy.ports).toEqual([{ external: 8443, internal: 8443, ip: "127.0.0.1", protocol: "tcp" }]);
    expect(nginxConf()).toContain("listen 8443 ssl;");
    expect(nginxConf()).not.toContain("listen 8080;");
  });

  test("reads certificate and key from files that only its user may read", () => {
    const files = uploads();
    expect(files["tls/server.crt"].content).toMatch(/^\$\{tls_locally_signed_cert\.CA_Server_\w+\.cert_pem}$/);
    expect(files["tls/server.key"].content).toMatch(/^\$\{tls_private_key\.CA_Server_\w+\.private_key_pem}$/);
    expect(new Set(Object.values(files).map(({ permissions }) => permissions))).toEqual(new Set(["0400"]));
  });

  test("shows reviewers nginx.conf and no key", () => {
    const synthesised = synth((stack) => proxy(stack, {}));
    expect(Object.keys(reviewed(synthesised, "Proxy_Config"))).toEqual([
      "nginx.conf",
      "tls/groups-before-openssl-3.5.conf",
      "tls/groups.conf",
    ]);
  });

  test("gets nothing of the CA's key", () => {
    const all = containers({});
    expect(JSON.stringify([all.Proxy, all.Proxy_Config_Writer])).not.toMatch(/tls_private_key\.CA_PrivateKey/);
  });

  test("is not made anew when its certificate changes: it reloads", () => {
    expect(containers({}).Proxy.lifecycle).toBeUndefined();
  });

  test("tells the registry that clients use HTTPS", () => {
    expect(nginxConf()).toContain("proxy_set_header X-Forwarded-Proto https;");
  });

  test("is of the intermediate profile and asks nothing of browsers", () => {
    expect(nginxConf()).toContain("ssl_protocols TLSv1.2 TLSv1.3;");
    expect(nginxConf()).toContain("include tls/groups.conf;");
    expect(nginxConf()).not.toContain("Strict-Transport-Security");
  });

  test("can be of the modern profile, with groups of one's own and HSTS", () => {
    const text = nginxConf({ tlsProfile: TlsProfile.MODERN, keyExchangeGroups: ["X25519"], hstsSeconds: 300 });
    expect(text).toContain("ssl_protocols TLSv1.3;");
    expect(text).toContain("ssl_ecdh_curve X25519;");
    expect(text).toContain('add_header Strict-Transport-Security "max-age=300" always;');
  });

  test("sends plain requests to the port that clients use, whatever is published", () => {
    const given = { endpoint: https({ publishAddress: "192.0.2.1", publishPort: 9443 }), httpRedirectPort: 80 };
    expect(containers(given).Proxy.ports).toEqual([
      { external: 9443, internal: 8443, ip: "192.0.2.1", protocol: "tcp" },
      { external: 80, internal: 8080, ip: "192.0.2.1", protocol: "tcp" },
    ]);
    expect(nginxConf(given)).toContain("return 308 https://registry.example.com:8443$request_uri;");
  });

  test("leaves the scheme's own port out of the redirect", () => {
    const given = { endpoint: https({ port: undefined }), httpRedirectPort: 80 };
    expect(nginxConf(given)).toContain("return 308 https://registry.example.com$request_uri;");
  });

  test("refuses old clients where that is asked for", () => {
    expect(nginxConf()).not.toContain("$is_old_client");
    expect(nginxConf({ refuseOldClients: true })).toContain("if ($is_old_client) {");
  });

  test("verifies a registry that serves TLS against its CA, by its name", () => {
    const given = { upstream: { address: "example-registry:5000", caCertificatePem: "the CA" } };
    expect(uploads(given)["tls/upstream-ca.crt"].content).toBe("the CA");
    expect(nginxConf(given)).toContain("proxy_ssl_verify on;");
    expect(nginxConf(given)).toContain("proxy_ssl_name example-registry;");
    expect(nginxConf(given)).toContain("proxy_pass https://$registry;");
  });

  test.each<[string, IssueCertificateProps]>([
    [HOST, { dnsNames: ["other.example.com", HOST] }],
    [HOST, { dnsNames: ["*.example.com"] }],
    ["192.0.2.1", { dnsNames: [HOST], ipAddresses: ["192.0.2.1"] }],
  ])("serves %s with a certificate for %j", (host, names) => {
    expect(nginxConf({ endpoint: https({ host }), names })).toContain("listen 8443 ssl;");
  });

  test("takes a certificate whose names only the deploy knows", () => {
    const build = (stack: TerraformStack) => {
      const name = new TerraformVariable(stack, "name", {}).stringValue;
      proxy(stack, { names: { dnsNames: [name] } });
    };
    expect(() => synth(build)).not.toThrow();
  });
});

describe("a proxy fails", () => {
  test("with an HTTPS endpoint and no certificate, and says how to get one", () => {
    expect(() => containers({ certificate: undefined })).toThrow(
      /local\/Proxy: certificate is not set, expected a certificate for https:\/\/registry\.example\.com:8443.*issueCertificate/,
    );
  });

  test("with an HTTP endpoint and a certificate", () => {
    expect(() => containers({ endpoint: PublicEndpoint.http({ host: HOST }) })).toThrow(
      /local\/Proxy: certificate is "a certificate", expected nothing, .* use PublicEndpoint\.https, or leave certificate out/,
    );
  });

  test.each<[string, Given]>([
    ["httpRedirectPort", { httpRedirectPort: 80 }],
    ["hstsSeconds", { hstsSeconds: 300 }],
    ["tlsProfile", { tlsProfile: TlsProfile.MODERN }],
    ["keyExchangeGroups", { keyExchangeGroups: ["X25519"] }],
  ])("with an HTTP endpoint and %s", (field, given) => {
    const endpoint = PublicEndpoint.http({ host: HOST, port: 5080 });
    expect(() => containers({ ...given, endpoint, certificate: undefined })).toThrow(
      new RegExp(
        `local/Proxy: ${field} is .*, expected nothing, .* http://registry\\.example\\.com:5080 is plain HTTP`,
      ),
    );
  });

  test.each<[string, IssueCertificateProps]>([
    ["another name", { dnsNames: ["other.example.com"] }],
    ["a wildcard of another depth", { dnsNames: ["*.registry.example.com", "*.com.example"] }],
    ["an address only", { ipAddresses: ["192.0.2.1"] }],
  ])("when the certificate is for %s than the endpoint's host", (_, names) => {
    expect(() => containers({ names })).toThrow(
      /local\/Proxy: certificate is .*, expected subject alternative names with the public host "registry\.example\.com"/,
    );
  });

  test("when the endpoint is an address that is not among the certificate's", () => {
    expect(() => containers({ endpoint: https({ host: "192.0.2.1" }) })).toThrow(/public host "192\.0\.2\.1"/);
  });

  test("when plain requests come in on the port of the endpoint", () => {
    expect(() => containers({ httpRedirectPort: 8443 })).toThrow(
      /local\/Proxy: httpRedirectPort is 8443, expected another port than the endpoint's own/,
    );
  });

  test.each([0, 65536, 80.5, "80"])("with %j for the port of plain requests", (port) => {
    expect(() => containers({ httpRedirectPort: port as number })).toThrow(/httpRedirectPort is .* 1 to 65535/);
  });

  test.each([-1, 1.5, 63072001, "1y"])("with %j seconds of HSTS", (hstsSeconds) => {
    expect(() => containers({ hstsSeconds: hstsSeconds as number })).toThrow(/hstsSeconds is .*, expected a whole/);
  });

  test.each([[[]], [["X25519:P-256"]], [["X25519", ""]], [["X25519; return 200"]]])(
    "with %j for key exchange groups",
    (keyExchangeGroups) => {
      expect(() => containers({ keyExchangeGroups })).toThrow(
        /local\/Proxy: keyExchangeGroups is \[.*\], expected one group or more, each as OpenSSL names it/,
      );
    },
  );
});
