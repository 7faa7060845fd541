import { parse } from "yaml";
import { renderRegistryConfig } from "../../../lib/registry/config-yml";

describe("config.yml", () => {
  test("is merged from what each part adds", () => {
    const text = renderRegistryConfig([
      { http: { secret: "s" }, storage: { delete: { enabled: true } } },
      { http: { net: "unix" }, storage: { filesystem: { rootdirectory: "/data" } } },
    ]);
    expect(parse(text)).toEqual({
      version: 0.1,
      http: { secret: "s", net: "unix" },
      storage: { delete: { enabled: true }, filesystem: { rootdirectory: "/data" } },
    });
  });

  test("takes the last word on a key, lists as a whole", () => {
    const text = renderRegistryConfig([
      { log: { level: "warn" }, http: { headers: { A: ["1", "2"] } } },
      { log: { level: "debug" }, http: { headers: { A: ["3"] } } },
    ]);
    expect(parse(text)).toMatchObject({ log: { level: "debug" }, http: { headers: { A: ["3"] } } });
  });

  test("keeps the order of its parts, so that a change shows as one", () => {
    const text = renderRegistryConfig([{ storage: {} }, { http: {} }, { auth: {} }]);
    expect(Object.keys(parse(text))).toEqual(["version", "storage", "http", "auth"]);
  });

  test("does not change what it was given", () => {
    const fragment = { http: { net: "unix" } };
    renderRegistryConfig([fragment, { http: { net: "tcp" } }]);
    expect(fragment).toEqual({ http: { net: "unix" } });
  });

  test("keeps strings that look like something else", () => {
    const values = { a: "true", b: "0600", c: "1e3", d: "null", e: "x: y", f: "# no comment", g: "", h: "@at" };
    expect(parse(renderRegistryConfig([{ values }])).values).toEqual(values);
  });

  test("breaks no line: a long value stays what it is", () => {
    const secret = "word ".repeat(60).trim();
    expect(renderRegistryConfig([{ http: { secret } }])).toContain(`  secret: ${secret}\n`);
  });

  test("says why a key is there", () => {
    expect(renderRegistryConfig([{ http: { net: "unix", addr: "/run/registry.sock" } }])).toBe(
      [
        "# Rendered by cdktf-docker-registry: a change made here is lost at the next deploy.",
        "",
        "version: 0.1",
        "http:",
        "  # A socket in a volume that only the proxy mounts: no way round the proxy, no name to resolve.",
        "  net: unix",
        "  addr: /run/registry.sock",
        "",
      ].join("\n"),
    );
  });
});
