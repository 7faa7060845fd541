import { basicHeader, challengeOf, grantedBy } from "../../../browser/src/registry/challenge";
import {
  attachedBy,
  imagesOf,
  parseConfig,
  parseManifest,
  platformOf,
  sizeOf,
} from "../../../browser/src/registry/manifests";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const layer = (letter: string, size: number) => ({ mediaType: "layer", digest: digest(letter), size });
const CONFIG = { mediaType: "application/vnd.oci.image.config.v1+json", digest: digest("c"), size: 10 };

describe("a challenge", () => {
  test.each([
    ['Basic realm="a"', { scheme: "basic" }],
    [
      'Bearer realm="https://a/token",service="a:5000",scope="repository:b:pull"',
      { scheme: "bearer", realm: "https://a/token", service: "a:5000" },
    ],
    ['bearer realm="https://a/token"', { scheme: "bearer", realm: "https://a/token", service: "" }],
    ["Digest realm=a", undefined],
    ["Bearer", undefined],
    [null, undefined],
  ])("is read: %s", (header, challenge) => {
    expect(challengeOf(header)).toEqual(challenge);
  });

  test("is answered in UTF-8", () => {
    expect(basicHeader("jörg", "ß:€")).toBe(`Basic ${Buffer.from("jörg:ß:€").toString("base64")}`);
  });

  test("is followed by a token that says what it is for", () => {
    const claims = { access: [{ type: "repository", name: "a", actions: ["pull", "delete"] }] };
    const token = `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.y`;
    expect(grantedBy(token).get("a")).toEqual(["pull", "delete"]);
    expect(grantedBy("opaque").size).toBe(0);
  });
});

describe("a manifest", () => {
  test("of an image has the size of what is pulled", () => {
    const manifest = parseManifest(JSON.stringify({ schemaVersion: 2, config: CONFIG, layers: [layer("a", 5)] }));
    expect(manifest.kind).toBe("image");
    expect(sizeOf(manifest)).toBe(15);
  });

  test("of another configuration is an artifact", () => {
    const config = { ...CONFIG, mediaType: "application/vnd.cncf.helm.config.v1+json" };
    expect(parseManifest(JSON.stringify({ schemaVersion: 2, config, layers: [] }))).toMatchObject({
      kind: "artifact",
      artifactType: config.mediaType,
    });
    const typed = { schemaVersion: 2, artifactType: "application/x", config: CONFIG, layers: [] };
    expect(parseManifest(JSON.stringify(typed))).toMatchObject({ kind: "artifact", artifactType: "application/x" });
  });

  test("of an index tells images from what is attached to them", () => {
    const manifests = [
      { ...layer("a", 1), platform: { os: "linux", architecture: "arm", variant: "v7" } },
      {
        ...layer("b", 1),
        platform: { os: "unknown", architecture: "unknown" },
        annotations: {
          "vnd.docker.reference.type": "attestation-manifest",
          "vnd.docker.reference.digest": digest("a"),
        },
      },
    ];
    const manifest = parseManifest(JSON.stringify({ schemaVersion: 2, manifests }));
    const all = manifest.kind === "index" ? manifest.manifests : [];
    expect(imagesOf(all).map(({ platform }) => platform)).toEqual(["linux/arm/v7"]);
    expect(attachedBy(all[1].annotations)).toBe(digest("a"));
    expect(sizeOf(manifest)).toBeUndefined();
  });

  test.each([
    ["no JSON", "{"],
    ["of schema 1", '{"schemaVersion":1}'],
    ["without anything", '{"schemaVersion":2}'],
    ["a list", "[]"],
  ])("that is %s is refused", (_, text) => {
    expect(() => parseManifest(text)).toThrow();
  });
});

describe("the configuration of an image", () => {
  const layers = parseManifest(
    JSON.stringify({ schemaVersion: 2, config: CONFIG, layers: [layer("a", 5), layer("b", 6)] }),
  );
  const list = layers.kind === "image" ? layers.layers : [];

  test("puts history and layers side by side", () => {
    const history = [
      { created_by: "/bin/sh -c #(nop) ADD file:1 in / " },
      { created_by: "ENV A=1", empty_layer: true },
      { created_by: "RUN make # buildkit", created: "2026-01-31T00:00:00Z" },
    ];
    const { steps } = parseConfig({ history }, list);
    expect(steps.map(({ command, layer }) => [command, layer?.size])).toEqual([
      ["ADD file:1 in / ", 5],
      ["ENV A=1", undefined],
      ["RUN make", 6],
    ]);
  });

  test("shows layers alone where the history does not fit", () => {
    expect(parseConfig({ history: [{ created_by: "a" }] }, list).steps).toHaveLength(2);
    expect(parseConfig(null, list).steps.map(({ layer }) => layer?.size)).toEqual([5, 6]);
  });

  test("takes whatever it holds for text", () => {
    const config = parseConfig({ config: { Labels: { a: 1, b: null }, Env: "none", Cmd: [1, {}] } }, []);
    expect(config.labels).toEqual({ a: "1", b: "null" });
    expect(config.settings).toEqual([["Command", "1 [object Object]"]]);
  });

  test.each([
    [{ os: "linux", architecture: "amd64" }, "linux/amd64"],
    [{ os: "unknown", architecture: "unknown" }, undefined],
    [null, undefined],
  ])("has a platform, or none: %j", (platform, text) => {
    expect(platformOf(platform)).toBe(text);
  });
});
