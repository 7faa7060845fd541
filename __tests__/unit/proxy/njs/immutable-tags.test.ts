import immutableTags from "../../../../lib/proxy/njs/immutable-tags";
import content from "../../../../lib/proxy/njs/kept-content";
import request from "../../../../lib/proxy/njs/request";

const RULES = [
  { repositories: ["team/**"], tags: ["v*", "1.*.0"] },
  { repositories: ["all"], tags: ["*"] },
];
const DIGEST = `sha256:${"0".repeat(64)}`;

describe("a request that could change an immutable tag", () => {
  const route = (method: string, path: string) =>
    immutableTags.routeOf(RULES, method, request.asked(method, path, path));

  test.each([
    ["PUT", "/v2/team/app/manifests/v1", "/_tags/push"],
    ["PUT", "/v2/team/app/manifests/1.2.0", "/_tags/push"],
    ["PUT", "/v2/all/manifests/latest", "/_tags/push"],
    ["DELETE", "/v2/team/app/manifests/v1", "/_tags/delete"],
    ["DELETE", `/v2/team/app/manifests/${DIGEST}`, "/_tags/delete"],
    ["DELETE", `/v2/team/app/blobs/${DIGEST}`, "/_tags/delete"],
    ["PUT", "/v2/team/app/manifests/", "/_tags/nothing"],
    ["PUT", "/v2/Team/app/manifests/v1", "/_tags/nothing"],
  ])("is looked at: %s %s", (method, path, expected) => {
    expect(route(method, path)).toBe(expected);
  });

  test.each([
    ["PUT", "/v2/team/app/manifests/latest"],
    ["PUT", "/v2/team/app/manifests/1.2.1"],
    ["PUT", `/v2/team/app/manifests/${DIGEST}`],
    ["PUT", "/v2/team/manifests/v1"],
    ["PUT", "/v2/other/app/manifests/v1"],
    ["PUT", "/v2/team/app/blobs/uploads/1-2"],
    ["DELETE", "/v2/team/app/blobs/uploads/1-2"],
    ["DELETE", "/v2/team/app/manifests/latest"],
    ["DELETE", `/v2/other/app/manifests/${DIGEST}`],
    ["PUT", `/v2/all/manifests/sha256-${"0".repeat(64)}.sig`],
    ["PUT", `/v2/all/manifests/sha256-${"0".repeat(64)}`],
  ])("is none of: %s %s", (method, path) => {
    expect(route(method, path)).toBe("");
  });
});

describe("what an immutable tag needs", () => {
  const INDEX = "application/vnd.oci.image.index.v1+json";
  const manifests: Record<string, { digest: string; content: object }> = {
    v1: { digest: "d:v1", content: { config: { digest: "d:config" }, layers: [{ digest: "d:layer" }] } },
    v2: { digest: "d:v2", content: { manifests: [{ mediaType: INDEX, digest: "d:inner" }, { digest: "d:amd64" }] } },
    "d:inner": { digest: "d:inner", content: { manifests: [{ digest: "d:deep" }] } },
    "d:amd64": { digest: "d:amd64", content: { layers: [{ digest: "d:layer of amd64" }] } },
    "d:deep": { digest: "d:deep", content: { layers: [{ digest: "d:deep layer" }] } },
    v3: { digest: "d:v3", content: { fsLayers: [{ blobSum: "d:old layer" }] } },
    latest: { digest: "d:latest", content: { config: { digest: "d:config of latest" } } },
  };
  const registry = {
    tags: async () => [...Array.from({ length: 30 }, (_, i) => `v0.${i}`), "v1", "v2", "v3", "latest"],
    manifest: async (reference: string) => manifests[reference],
  };
  const whoNeeds = (part: string, reference: string) =>
    content.whoNeeds(registry, RULES, { repository: "team/app", part, reference });

  test.each([
    ["manifests", "d:v1", "v1"],
    ["manifests", "d:inner", "v2"],
    ["manifests", "d:deep", "v2"],
    ["manifests", "d:latest", undefined],
    ["manifests", "d:other", undefined],
    ["blobs", "d:config", "v1"],
    ["blobs", "d:layer", "v1"],
    ["blobs", "d:layer of amd64", "v2"],
    ["blobs", "d:deep layer", "v2"],
    ["blobs", "d:old layer", "v3"],
    ["blobs", "d:config of latest", undefined],
  ])("is found, of %s: %s by %s", async (part, reference, tag) => {
    expect(await whoNeeds(part, reference)).toBe(tag);
  });
});
