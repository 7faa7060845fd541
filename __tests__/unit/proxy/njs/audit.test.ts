import audit from "../../../../lib/proxy/njs/audit";

const DIGEST = `sha256:${"0".repeat(64)}`;
const SENT = {
  time: "2026-11-30T12:00:00+00:00",
  request: "id",
  address: "192.0.2.1",
  client: "docker/29",
  method: "PUT",
  path: "/v2/team/app/manifests/v1",
  status: 201,
  digest: DIGEST,
  claimed: "ci",
  user: "ci",
  isChecked: true,
  refused: undefined as string | undefined,
  sentence: undefined as string | undefined,
  hasRoom: true,
};
const entry = (sent: Partial<typeof SENT> = {}) => audit.entryOf({ ...SENT, ...sent });

describe("the audit", () => {
  test("tells who pushed what from where", () => {
    expect(entry()).toEqual({
      time: "2026-11-30T12:00:00+00:00",
      audit: "push",
      result: "done",
      user: "ci",
      claimed: "",
      address: "192.0.2.1",
      repository: "team/app",
      reference: "v1",
      digest: DIGEST,
      status: 201,
      reason: "",
      client: "docker/29",
      request: "id",
    });
  });

  test.each<[string, Partial<typeof SENT>, object]>([
    [
      "a delete by digest",
      { method: "DELETE", path: `/v2/a/manifests/${DIGEST}`, digest: undefined, status: 202 },
      { audit: "delete", digest: DIGEST, result: "done" },
    ],
    [
      "a delete of a blob",
      { method: "DELETE", path: `/v2/a/blobs/${DIGEST.replace(":", "%3A")}`, status: 202 },
      { audit: "delete", reference: DIGEST },
    ],
    ["a push that failed", { status: 500 }, { audit: "push", result: "failed", reason: "" }],
    [
      "a tag that stays",
      { status: 403, refused: "it is immutable" },
      { audit: "push", result: "denied", reason: "it is immutable" },
    ],
    [
      "a right that is missing",
      { method: "GET", status: 403, sentence: "ci may not pull a" },
      { audit: "pull", result: "denied", reason: "ci may not pull a" },
    ],
    [
      "an upload without a right",
      { method: "POST", path: "/v2/a/blobs/uploads/", status: 403 },
      { audit: "push", result: "denied", reference: "" },
    ],
    ["a full disk", { status: 403, hasRoom: false }, { reason: "the disk is nearly full" }],
    [
      "a wrong password",
      { status: 401, isChecked: false },
      { user: "", claimed: "ci", result: "denied", reason: "wrong name or password" },
    ],
    [
      "a made-up name, which may be a password",
      { status: 401, user: "", claimed: "secret" },
      { user: "", claimed: "" },
    ],
    [
      "a wrong password for a token",
      { method: "GET", path: "/token", status: 401, isChecked: false },
      { audit: "login", claimed: "ci" },
    ],
    ["nobody's push", { user: "", claimed: "" }, { user: "", result: "done" }],
    ["a user who was not looked at", { status: 404, isChecked: false }, { user: "", claimed: "ci", result: "failed" }],
  ])("has %s", (_, sent, expected) => {
    expect(entry(sent)).toMatchObject(expected);
  });

  test.each<[string, Partial<typeof SENT>]>([
    ["a request that is asked for a login", { status: 401, claimed: "", user: "" }],
    ["the end of an upload", { path: "/v2/a/blobs/uploads/1-2" }],
    ["an upload that is given up", { method: "DELETE", path: "/v2/a/blobs/uploads/1-2", status: 204 }],
    ["plain HTTP that is sent to HTTPS", { status: 308 }],
  ])("has nothing of %s", (_, sent) => {
    expect(entry(sent)).toBeUndefined();
  });

  test("has no secret, and lines that a pipe takes as a whole", () => {
    const long = entry({ client: "x".repeat(30_000), path: `/v2/a/manifests/${"v".repeat(30_000)}` });
    expect(JSON.stringify(long).length).toBeLessThan(1500);
  });

  describe("knows the user", () => {
    const variables = {
      request_method: "PUT",
      request_uri: "/v2/a/manifests/1?x=secret",
      status: "201",
      remote_user: "ci",
      login_ran: "1",
    };
    const user = (more: object) => JSON.parse(audit.entry({ variables: { ...variables, ...more } })).user;

    test("where rights differ by repository", () => {
      expect(user({ user: "ci" })).toBe("ci");
      expect(user({ user: "", remote_user: "made-up" })).toBe("");
      expect(user({ user: "by token", remote_user: undefined })).toBe("by token");
    });

    test("where they are the same everywhere", () => {
      expect(user({ user: "ci:push", user_access: "push" })).toBe("ci");
      expect(user({ user: "", user_access: "", remote_user: "made-up" })).toBe("");
    });

    test("where there are none", () => {
      expect(user({ remote_user: "whatever", login_ran: undefined })).toBe("");
    });
  });

  test("has no line for what it leaves out", () => {
    expect(audit.entry({ variables: { request_method: "GET", request_uri: "/v2/", status: "401" } })).toBe("");
  });
});
