import { PublicEndpoint } from "../../../lib";

describe("a public endpoint", () => {
  test.each([
    ["http", "localhost", 5080, "localhost:5080"],
    ["https", "registry.example.com", 8443, "registry.example.com:8443"],
    ["https", "192.0.2.1", 5000, "192.0.2.1:5000"],
    ["https", "2001:db8::1", 5000, "[2001:db8::1]:5000"],
  ] as const)("is written as images are named: %s %s %p", (scheme, host, port, hostPort) => {
    const endpoint = PublicEndpoint[scheme]({ host, port });
    expect(endpoint.hostPort).toBe(hostPort);
    expect(endpoint.url).toBe(`${scheme}://${hostPort}`);
  });

  test("has the port of its scheme and leaves it out, as Docker does", () => {
    const http = PublicEndpoint.http({ host: "registry.example.com" });
    const https = PublicEndpoint.https({ host: "registry.example.com" });
    expect([http.port, http.hostPort]).toEqual([80, "registry.example.com"]);
    expect([https.port, https.hostPort]).toEqual([443, "registry.example.com"]);
  });

  test("keeps the port of the other scheme in its name", () => {
    expect(PublicEndpoint.http({ host: "registry.example.com", port: 443 }).url).toBe(
      "http://registry.example.com:443",
    );
  });

  test("is published on this machine only, on the port that clients use", () => {
    const endpoint = PublicEndpoint.http({ host: "registry.example.com", port: 5080 });
    expect([endpoint.publishAddress, endpoint.publishPort]).toEqual(["127.0.0.1", 5080]);
  });

  test("can be published on another address and port than clients see", () => {
    const endpoint = PublicEndpoint.https({
      host: "registry.example.com",
      publishAddress: "0.0.0.0",
      publishPort: 8443,
    });
    expect(endpoint).toMatchObject({
      publishAddress: "0.0.0.0",
      publishPort: 8443,
      url: "https://registry.example.com",
    });
  });

  test.each([
    ["http://registry.example.com", "registry.example.com"],
    ["HTTPS://registry.example.com:5000/v2/", "registry.example.com"],
    ["registry.example.com:5000", "registry.example.com"],
    ["registry.example.com/team", "registry.example.com"],
  ])("fails when the host is %p and says what to write", (host, bare) => {
    expect(() => PublicEndpoint.https({ host })).toThrow(
      `PublicEndpoint.https: host is "${host}", expected a DNS name or an IP address, without scheme, port or path. Fix: write "${bare}"; the scheme is chosen by PublicEndpoint.http or .https and the port by \`port\`.`,
    );
  });

  test.each(["", " ", "a..b", "-a.example", "a_b.example", "a".repeat(64), "[::1]", "10.0.0.256", 5000, undefined])(
    "fails when the host is %p",
    (host) => {
      expect(() => PublicEndpoint.http({ host: host as string })).toThrow(
        /^PublicEndpoint\.http: host is .*, expected a DNS name or an IP address, .* Fix: write a name such as "registry\.example\.com"/,
      );
    },
  );

  test.each(["port", "publishPort"])("fails when its %s is none", (field) => {
    for (const port of [0, 70000, "5000"]) {
      expect(() => PublicEndpoint.http({ host: "localhost", [field]: port as number })).toThrow(
        `PublicEndpoint.http: ${field} is ${JSON.stringify(port)}, expected a whole number from 1 to 65535`,
      );
    }
  });

  test.each(["localhost", "0.0.0.0:80", "eth0", ""])("fails when the published address is %p", (publishAddress) => {
    expect(() => PublicEndpoint.http({ host: "localhost", publishAddress })).toThrow(
      `PublicEndpoint.http: publishAddress is "${publishAddress}", expected an IP address of the engine's machine. Fix: write "127.0.0.1" for the machine itself or "0.0.0.0" for all its networks.`,
    );
  });
});
