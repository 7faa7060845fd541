import { directPulls } from "../../../../lib/proxy/conf/direct-pulls";
import { type NginxConfig, renderNginxConfig } from "../../../../lib/proxy/conf/nginx-conf";
import { CONFIG } from "./plain-nginx-config";

const DIRECT: NginxConfig = {
  ...CONFIG,
  blobs: {
    mount: { volumeName: "registry-data", containerPath: "/data", readOnly: true },
    redirectHost: "blobs.invalid",
    headers: ["X-Team"],
    headerValues: { "X-Team": ["it's"] },
    tagsOfUpstream: false,
  },
  directPulls: { registryHeaders: { "X-Team": ["it's", "\\"] }, hasTags: true },
};

const render = (changes: Partial<NginxConfig> = {}) => renderNginxConfig({ ...DIRECT, ...changes });
const HEX = "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c";

/** What a map of nginx.conf makes of a request, with its named groups filled in. */
function mapped(text: string, name: string, key: string): string {
  const start = text.indexOf(`" ${name} {`);
  const lines = text.slice(start, text.indexOf("default '';", start)).split("\n");
  for (const line of lines) {
    const [, pattern, result] = /^\s*'~(.*)' '?([^']*?)'?;$/.exec(line) ?? [];
    const match = pattern ? new RegExp(pattern).exec(key) : null;
    if (match) {
      return result.replace(/\$(\w+)/g, (_, group) => match.groups?.[group] ?? "");
    }
  }
  return "";
}

const blob = (uri: string, { raw = uri, method = "GET", conditions = "" } = {}) =>
  mapped(render(), "$direct_blob", `${conditions} ${method} ${uri} ${raw}`);
const answer = (uri: string, { raw = uri, method = "GET", asked = "", text = render() } = {}) =>
  mapped(text, "$direct_answer", `${asked} ${method} ${uri} ${raw}`);

describe("direct pulls", () => {
  test("are what an engineer would write by hand", () => {
    const checks = ["auth_request /_login;"];
    const registryHeaders = { "X-Content-Type-Options": ["nosniff"] };
    const serverHeaders = ["add_header WWW-Authenticate $challenge always;"];
    expect(
      directPulls({ rootDirectory: "/var/lib/registry", registryHeaders, serverHeaders, checks, hasTags: true }),
    ).toMatchSnapshot();
  });

  test("are not in nginx.conf where the registry is asked for each", () => {
    expect(render({ directPulls: undefined })).not.toMatch(/\$direct|js_|load_module/);
  });

  test.each(["GET", "HEAD"])("find the link of a blob: %s", (method) => {
    for (const raw of ["", "?ns=docker.io"]) {
      const uri = `/v2/team/app/blobs/sha256:${HEX}`;
      expect(blob(uri, { method, raw: `${uri}${raw}` })).toBe(
        `/data/docker/registry/v2/repositories/team/app/_layers/sha256/${HEX}/link`,
      );
    }
  });

  test.each([
    ["a", "a"],
    ["digits", "0/1"],
    ["separators", "a.b/c_d/e__f/g-h/i---j"],
    ["words of the API", "blobs/manifests/tags"],
  ])("know names with %s", (_, name) => {
    expect(blob(`/v2/${name}/blobs/sha256:${HEX}`)).toContain(`/repositories/${name}/_layers/`);
    expect(answer(`/v2/${name}/manifests/1`)).toBe("/_direct/manifest");
  });

  test.each(["A", "a//b", ".a", "a.", "a..b", "a___b", "_uploads", "a/_layers", "a/../b", "a:5000/b", "", "-a", "a b"])(
    "leave the name %p to the registry",
    (name) => {
      expect(blob(`/v2/${name}/blobs/sha256:${HEX}`)).toBe("");
      expect(answer(`/v2/${name}/manifests/1`)).toBe("");
    },
  );

  test.each([
    ["a digest in capitals", HEX.toUpperCase()],
    ["a digest that is too short", HEX.slice(1)],
    ["a digest that is too long", `${HEX}0`],
    ["something behind the digest", `${HEX}/`],
    ["a second line", `${HEX}\nx`],
  ])("leave %s to the registry", (_, hex) => {
    expect(blob(`/v2/a/blobs/sha256:${hex}`)).toBe("");
  });

  test.each(["1", "_", "A.b-c", "1..1", `_${"a".repeat(127)}`, `sha256:${HEX}`])(
    "know the reference %s",
    (reference) => {
      expect(answer(`/v2/a/manifests/${reference}`)).toBe("/_direct/manifest");
    },
  );

  test.each([
    ".",
    "..",
    ".a",
    "-a",
    "",
    "a/b",
    `_${"a".repeat(128)}`,
    `sha256:${HEX.slice(1)}`,
    `sha512:${HEX}`,
    "a:b",
    "ä",
  ])("leave the reference %p to the registry", (reference) => {
    expect(answer(`/v2/a/manifests/${reference}`)).toBe("");
  });

  test("leave an address to the registry that nginx reads otherwise than it came", () => {
    const uri = "/v2/a/manifests/1";
    for (const raw of ["/v2/a/manifests/%31", "/v2//a/manifests/1", "/v2/a/x/../manifests/1", "/v2/b/manifests/1"]) {
      expect(answer(uri, { raw })).toBe("");
    }
    // The requests that nginx makes by itself, such as those that check a login.
    expect(answer("/_login", { raw: uri })).toBe("");
    expect(blob("/_login", { raw: `/v2/a/blobs/sha256:${HEX}` })).toBe("");
  });

  test("are of GET and HEAD only, and nginx answers the API's root too", () => {
    expect(answer("/v2/")).toBe("/_direct/root");
    expect(answer("/v2/", { raw: "/v2/?a=b" })).toBe("/_direct/root");
    expect(answer("/v2/", { raw: "/v2/%2e/" })).toBe("");
    expect(answer("/v2")).toBe("");
    for (const method of ["PUT", "POST", "PATCH", "DELETE", "get"]) {
      expect(answer("/v2/", { method })).toBe("");
      expect(answer("/v2/a/manifests/1", { method })).toBe("");
      expect(blob(`/v2/a/blobs/sha256:${HEX}`, { method })).toBe("");
    }
  });

  test("do not begin again once the registry is asked, nor where nginx has other conditions than the registry", () => {
    expect(answer("/v2/a/manifests/1", { asked: "1" })).toBe("");
    expect(blob(`/v2/a/blobs/sha256:${HEX}`, { conditions: '"a"' })).toBe("");
  });

  test("of a mirror know no tags, and its health is the registry's", () => {
    const text = render({ directPulls: { registryHeaders: {}, hasTags: false } });
    expect(answer("/v2/a/manifests/1", { text })).toBe("");
    expect(answer(`/v2/a/manifests/sha256:${HEX}`, { text })).toBe("/_direct/manifest");
    expect(text).not.toContain("pulls-only");
    expect(render()).toContain("pulls-only");
  });

  test("take the lines that the registry's location takes, in each location", () => {
    const text = render({ fragments: [{ registry: ["auth_request /auth;"] }] });
    const locations = text.split(/^ {8}(?=location )/m).filter((part) => /^location (= \/_direct|\/v2\/)/.test(part));
    const after = locations.filter((part) => part.startsWith("location = /_direct/manifest-file "));
    expect(after).toEqual([expect.stringContaining("internal;")]);
    const first = locations.filter((part) => !after.includes(part));
    expect(first.map((part) => part.includes("auth_request /auth;"))).toEqual([true, true, true, true]);
  });

  test("load njs once, and leave nothing of it behind where the image has none", () => {
    const without = (text: string) =>
      text.replace(/^ *# Only where the image has njs:$[\s\S]*?^ *# With every image again\.$\n/gm, "");
    expect(without(render())).not.toMatch(/js_|load_module|direct_answer/);
    expect(without(render())).toContain("$direct_blob");
    const both = render({ fragments: [{ scripts: ["policy"] }] });
    expect(both.match(/load_module/g)).toHaveLength(1);
    expect(without(both)).toContain("load_module");
  });

  test("share what they know between nginx's workers where njs can", () => {
    const text = render();
    const without = text.replace(/^ *# Only where njs has shared[^\n]*$[\s\S]*?^ *# With every njs again\.$\n/gm, "");
    expect(text).toContain("js_shared_dict_zone zone=manifests:");
    expect(without).not.toContain("js_shared_dict_zone");
    expect(without).toContain("js_var $manifest_file;");
  });

  test("write the registry's headers with all their values", () => {
    expect(render()).toContain("add_header X-Team 'it\\'s' always;");
    expect(render()).toContain("add_header X-Team '\\\\' always;");
  });
});
