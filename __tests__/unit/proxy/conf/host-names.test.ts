import { knownHosts } from "../../../../lib/proxy/conf/host-names";

describe("the host names of a plain HTTP proxy", () => {
  const { http = [] } = knownHosts([
    "registry.example.com",
    "registry.example.com",
    "*.example.org",
    "10.0.0.1",
    "::1",
  ]);
  const patterns = http.flatMap((line) => {
    const pattern = /^ *'~(.*)' '';$/.exec(line)?.[1];
    return pattern ? [new RegExp(pattern)] : [];
  });

  test("are each said once, without addresses, which nginx does not take there", () => {
    expect(http.filter((line) => /example|10\.|::1/.test(line)).map((line) => line.trim())).toEqual([
      "registry.example.com '';",
      "*.example.org '';",
    ]);
  });

  test.each(["localhost", "local-proxy", "10.0.0.7", "[::1]", "nas.local", "host.docker.internal", "box.home.arpa"])(
    "need not be said where nobody else can own them: %s",
    (host) => {
      expect(patterns.some((pattern) => pattern.test(host))).toBe(true);
    },
  );

  test.each(["evil.com", "10.0.0.7.evil.com", "local.evil.com", "registry.example.net", "localhost.evil"])(
    "are refused where somebody else may own them: %s",
    (host) => {
      expect(patterns.some((pattern) => pattern.test(host))).toBe(false);
    },
  );
});
