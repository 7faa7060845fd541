import request from "../../../../lib/proxy/njs/request";

const DIGEST = `sha256:${"0".repeat(64)}`;

const asked = (method: string, path: string, raw = path) => {
  const found: Record<string, unknown> = request.asked(method, raw, path);
  return found.kind === "repository"
    ? `${found.action} ${found.repository}${found.startsUpload ? ", starting an upload" : ""}`
    : String(found.kind);
};

describe("what a request asks for", () => {
  test.each([
    ["GET", "/v2/", "api"],
    ["GET", "/v2/_catalog", "catalog"],
    ["GET", "/token", "token"],
    ["GET", "/v2/a/manifests/1", "pull a"],
    ["HEAD", "/v2/a/b/manifests/1", "pull a/b"],
    ["OPTIONS", "/v2/a/b/manifests/1", "pull a/b"],
    ["PUT", "/v2/a/b/manifests/1", "push a/b"],
    ["DELETE", "/v2/a/b/manifests/1", "delete a/b"],
    ["POST", "/v2/a/b/manifests/1", "push a/b"],
    ["PROPFIND", "/v2/a/b/manifests/1", "push a/b"],
    ["get", "/v2/a/b/manifests/1", "push a/b"],
    ["GET", `/v2/a/blobs/${DIGEST}`, "pull a"],
    ["DELETE", `/v2/a/blobs/${DIGEST}`, "delete a"],
    ["GET", `/v2/a/referrers/${DIGEST}`, "pull a"],
    ["GET", "/v2/a/tags/list", "pull a"],
    ["POST", "/v2/a/blobs/uploads/", "push a, starting an upload"],
    ["GET", "/v2/a/blobs/uploads/", "push a"],
    ["GET", "/v2/a/blobs/uploads/1-2", "push a"],
    ["DELETE", "/v2/a/blobs/uploads/1-2", "push a"],
    ["PATCH", "/v2/a/blobs/uploads/1-2", "push a"],
    // Names that look like the end of an address: the registry reads them in the same way.
    ["GET", "/v2/a/manifests/b/manifests/1", "pull a/manifests/b"],
    ["GET", "/v2/a/blobs/uploads/manifests/1", "pull a/blobs/uploads"],
    ["GET", "/v2/a/blobs/manifests/1", "pull a/blobs"],
    ["GET", "/v2/a/tags/list/tags/list", "pull a/tags/list"],
    ["POST", "/v2/manifests/blobs/uploads/", "push manifests, starting an upload"],
  ])("%s %s: %s", (method, path, expected) => {
    expect(asked(method, path)).toBe(expected);
  });

  test.each([
    "/v2/a/tags",
    "/v2/a/blobs/uploads",
    "/v2/a/blobs/",
    "/v2/a/manifests/",
    "/v2/a/x/list",
    "/v2/a/tags/x",
    "/v2/a/x/uploads/",
    "/v2/a/uploads/1-2",
    "/v2/manifests/1",
    "/v2//manifests/1",
    "/v2/A/manifests/1",
    "/v2/a..b/manifests/1",
    "/v2/a___b/manifests/1",
    "/v2/-a/manifests/1",
    "/v2/a/../b/manifests/1",
    "/v2/a\0b/manifests/1",
    "/v2/a b/manifests/1",
    "/v2/a\n/manifests/1",
    "/v2/localhost:5000/a/manifests/1",
    "/v2/__proto__/manifests/1",
    `/v2/${"a/".repeat(127)}aa/manifests/1`,
    "/v2/_catalog/",
    "/v2/x",
  ])("nothing, for %p", (path) => {
    expect(asked("GET", path)).toBe("nothing");
  });

  test.each(["/", "/v2", "/V2/", "/tokens", "/_login", "/metrics"])("nothing of the registry's, for %s", (path) => {
    expect(asked("GET", path)).toBe("elsewhere");
  });

  test.each([
    ["/v2/a%2fb/manifests/1", "/v2/a/b/manifests/1"],
    ["/v2/x/../a/manifests/1", "/v2/a/manifests/1"],
    ["/v2//a/manifests/1", "/v2/a/manifests/1"],
    ["/v2/%61/manifests/1", "/v2/a/manifests/1"],
    ["/v2/a/manifests/1#x", "/v2/a/manifests/1"],
    ["/x/../v2/a/manifests/1", "/v2/a/manifests/1"],
    ["/v2/../token", "/token"],
  ])("nothing, where the registry could read another name: %s", (raw, path) => {
    expect(asked("GET", path, raw)).toBe("nothing");
  });

  test("a digest, also with its colon encoded", () => {
    const path = `/v2/a/blobs/${DIGEST}`;
    expect(asked("GET", path, path.replace("sha256:", "sha256%3A"))).toBe("pull a");
    expect(asked("GET", path, path.replace("sha256:", "sha256%3a"))).toBe("pull a");
  });
});
