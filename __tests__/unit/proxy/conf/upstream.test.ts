import { type NginxUpstream, passToUpstream, upstreamDeclaration } from "../../../../lib/proxy/conf/upstream";

const SOCKET: NginxUpstream = { address: "unix:/run/registry/registry.sock" };
const PORT: NginxUpstream = { address: "example-registry:5000" };
const TLS: NginxUpstream = { ...PORT, tlsServerName: "example-registry" };

const declared = (upstream: NginxUpstream) => upstreamDeclaration(upstream).map((line) => line.trim());

describe("nginx's way to the registry", () => {
  test("is a pool of open connections to a socket", () => {
    expect(declared(SOCKET)).toEqual(
      expect.arrayContaining(["upstream registry {", `server ${SOCKET.address} max_fails=0;`, "keepalive 64;"]),
    );
    expect(passToUpstream(SOCKET)).toContain("proxy_pass http://registry;");
  });

  test("looks a name up again and again, so that a replaced registry is found and nginx starts without one", () => {
    expect(declared(PORT)).toContain("resolver 127.0.0.11 valid=2s ipv6=off;");
    expect(passToUpstream(PORT)).toEqual(
      expect.arrayContaining(["set $registry example-registry:5000;", "proxy_pass http://$registry;"]),
    );
  });

  test.each([SOCKET, PORT])("keeps connections open: %j", (upstream) => {
    expect(passToUpstream(upstream)).toEqual(
      expect.arrayContaining(["proxy_http_version 1.1;", "proxy_set_header Connection '';"]),
    );
  });

  test.each([SOCKET, PORT])("has nothing of TLS without a CA: %j", (upstream) => {
    expect([...upstreamDeclaration(upstream), ...passToUpstream(upstream)].join("\n")).not.toMatch(/ssl|https/);
  });

  test("is encrypted to a registry that has to prove its name against the CA", () => {
    expect(passToUpstream(TLS)).toContain("proxy_pass https://$registry;");
    expect(declared(TLS)).toEqual(
      expect.arrayContaining([
        "proxy_ssl_verify on;",
        "proxy_ssl_trusted_certificate tls/upstream-ca.crt;",
        "proxy_ssl_name example-registry;",
        "proxy_ssl_server_name on;",
        "proxy_ssl_protocols TLSv1.2 TLSv1.3;",
      ]),
    );
  });
});
