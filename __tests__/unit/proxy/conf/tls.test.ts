import { keyExchangeFiles, type NginxTls, nginxTls } from "../../../../lib/proxy/conf/tls";

const GROUPS = ["X25519MLKEM768", "X25519", "prime256v1", "secp384r1"];

const FILES = { certificateFile: "tls/server.crt", keyFile: "tls/server.key" };

const tls = (changes: Partial<NginxTls> = {}) =>
  nginxTls({ ...FILES, modern: false, keyExchangeGroups: GROUPS, ...changes });

/** The values of one directive of the public server. */
const directive = (name: string, changes?: Partial<NginxTls>) =>
  (tls(changes).server ?? []).filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));

describe("nginx's TLS", () => {
  test("is Mozilla's intermediate profile: TLS 1.2 with forward secrecy and authenticated encryption only", () => {
    expect(directive("ssl_protocols")).toEqual(["TLSv1.2 TLSv1.3;"]);
    const suites = directive("ssl_ciphers")[0].replace(";", "").split(":");
    expect(suites).toHaveLength(6);
    for (const suite of suites) {
      expect(suite).toMatch(/^ECDHE-(ECDSA|RSA)-(AES128-GCM-SHA256|AES256-GCM-SHA384|CHACHA20-POLY1305)$/);
    }
    expect(directive("ssl_prefer_server_ciphers")).toEqual(["off;"]);
  });

  test("is TLS 1.3 only in the modern profile, whose suites need no list", () => {
    expect(directive("ssl_protocols", { modern: true })).toEqual(["TLSv1.3;"]);
    expect(directive("ssl_ciphers", { modern: true })).toEqual([]);
    expect(tls({ modern: true }).server).toContain("# Mozilla's guideline 6.0, modern.");
  });

  test("offers the key exchange groups in their order", () => {
    expect(directive("ssl_ecdh_curve")).toEqual(["X25519MLKEM768:X25519:prime256v1:secp384r1;"]);
    expect(directive("ssl_ecdh_curve", { keyExchangeGroups: ["secp384r1"] })).toEqual(["secp384r1;"]);
  });

  test("has the key exchange groups in a file that the image's OpenSSL has its say in, unless they are given", () => {
    expect(directive("include", { keyExchangeGroups: undefined })).toEqual(["tls/groups.conf;"]);
    expect(directive("ssl_ecdh_curve", { keyExchangeGroups: undefined })).toEqual([]);
    expect(keyExchangeFiles().map(({ path, content }) => [path, content])).toEqual([
      ["tls/groups.conf", "ssl_ecdh_curve X25519MLKEM768:X25519:prime256v1:secp384r1;\n"],
      ["tls/groups-before-openssl-3.5.conf", "ssl_ecdh_curve X25519:prime256v1:secp384r1;\n"],
    ]);
  });

  test("resumes sessions from a cache and gives no tickets", () => {
    expect(directive("ssl_session_cache")).toEqual(["shared:tls:10m;"]);
    expect(directive("ssl_session_tickets")).toEqual(["off;"]);
  });

  test("reads certificate and key from beside nginx.conf, so that both change with it in one step", () => {
    expect(directive("ssl_certificate")).toEqual(["tls/server.crt;"]);
    expect(directive("ssl_certificate_key")).toEqual(["tls/server.key;"]);
  });

  test("does not bind browsers to HTTPS unless asked to, and can release them", () => {
    expect(directive("add_header")).toEqual([]);
    const header = (seconds: number) => [`Strict-Transport-Security "max-age=${seconds}" always;`];
    expect(directive("add_header", { hstsSeconds: 31536000 })).toEqual(header(31536000));
    expect(directive("add_header", { hstsSeconds: 0 })).toEqual(header(0));
  });

  test("has no plain HTTP unless asked to", () => {
    expect(tls().servers).toEqual([]);
  });

  test("redirects by 308, which keeps the method, to the endpoint's port", () => {
    const redirect = { listen: "8080", url: "https://registry.example.com:8443" };
    expect(tls({ redirect }).servers).toEqual([
      "server {",
      "    listen 8080;",
      "    # 308 keeps the method: a push stays a push.",
      "    return 308 https://registry.example.com:8443$request_uri;",
      "}",
    ]);
  });
});
