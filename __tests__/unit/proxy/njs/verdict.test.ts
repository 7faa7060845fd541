import tokens from "../../../../lib/proxy/njs/tokens";
import verdicts from "../../../../lib/proxy/njs/verdict";

const NOW = 1_800_000_000;
const KEYS = { kid: "abcd1234", key: "a key of the test" };
const CONFIG = {
  rights: {
    "*": [{ repositories: ["public/**"], allow: ["pull"] }],
    admin: [{ repositories: ["**"], allow: ["pull", "push", "delete"] }],
    team: [{ repositories: ["team/**"], allow: ["pull", "push"] }],
  },
  users: { admin: "a1", team: "t1", idle: "i1" },
  keys: KEYS as typeof KEYS | null,
  realm: "example registry",
  service: "registry.example.com:8443",
  scheme: "https",
  names: ["registry.example.com", "*.local", "[::1]"] as string[] | null,
};

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly args?: string;
  readonly host?: string;
  readonly authorization?: string;
  readonly remoteUser?: string;
}

function judge(
  { method = "GET", path = "/v2/", ...sent }: Sent,
  config: typeof CONFIG & { expiries?: object } = CONFIG,
) {
  return verdicts.judge(config, { method, rawPath: path, path, host: "registry.example.com:8443", now: NOW, ...sent });
}

const basic = (user: string, password = "right") => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
  remoteUser: user,
});

const bearer = (user: string, version: string, ...scopes: string[]) => ({
  authorization: `Bearer ${tokens.sign(KEYS, user, version, tokens.parseScopes(scopes), NOW)}`,
});

const PUBLIC = "/v2/public/x/manifests/1";
const TEAM = "/v2/team/x/manifests/1";

describe("the verdict on", () => {
  test.each([
    ["nobody at the API's root", {}, "challenge"],
    ["nobody who pulls what all may pull", { path: PUBLIC }, "pass"],
    ["nobody who pushes it", { path: PUBLIC, method: "PUT" }, "challenge"],
    ["nobody who pulls something else", { path: TEAM }, "challenge"],
    ["nobody in the catalog", { path: "/v2/_catalog" }, "challenge"],
    ["nobody who asks for a token", { path: "/token" }, "pass"],
    ["a login without name and password", { authorization: "Basic Og==", remoteUser: "" }, "challenge"],
    ["another kind of login", { path: PUBLIC, authorization: "Digest x" }, "challenge"],
    ["a token that is none", { path: PUBLIC, authorization: "Bearer x" }, "challenge"],
    ["a user at the API's root", basic("team"), "granted"],
    ["a user who may", { path: TEAM, method: "PUT", ...basic("team") }, "granted"],
    ["a user who may as everybody may", { path: PUBLIC, ...basic("idle") }, "granted"],
    ["a user who may not", { path: TEAM, method: "DELETE", ...basic("team") }, "denied"],
    ["a user in the catalog", { path: "/v2/_catalog", ...basic("idle") }, "granted"],
    ["a user who asks for a token", { path: "/token", ...basic("team") }, "granted"],
    ["a made-up name where it would be allowed", { path: PUBLIC, ...basic("mallory") }, "unknown"],
    ["a made-up name that objects have", { path: PUBLIC, ...basic("constructor") }, "unknown"],
    ["a name in another case", { path: TEAM, ...basic("Team") }, "unknown"],
    ["a login longer than any", { path: TEAM, ...basic("team", "x".repeat(400)) }, "unknown"],
    ["a token at the API's root", bearer("team", "t1"), "pass"],
    ["a token of nobody at the API's root", bearer("", ""), "pass"],
    ["a token with its scope", { path: TEAM, ...bearer("team", "t1", "repository:team/x:pull") }, "pass"],
    ["a token without that scope", { path: TEAM, ...bearer("team", "t1", "repository:team/y:pull") }, "challenge"],
    [
      "a token with another action",
      { path: TEAM, method: "PUT", ...bearer("team", "t1", "repository:team/x:pull") },
      "challenge",
    ],
    [
      "a token for what its user may not do any more",
      { path: TEAM, method: "DELETE", ...bearer("team", "t1", "repository:team/x:*") },
      "forbidden",
    ],
    ["a token of nobody for what needs a login", { path: TEAM, ...bearer("", "", "repository:team/x:*") }, "challenge"],
    ["a token of an older password", { path: TEAM, ...bearer("team", "t0", "repository:team/x:pull") }, "challenge"],
    ["a token of a removed user", { path: PUBLIC, ...bearer("gone", "g1", "repository:public/x:pull") }, "challenge"],
    ["a token of a name that objects have", bearer("constructor", ""), "challenge"],
    ["a token in the catalog", { path: "/v2/_catalog", ...bearer("team", "t1", "registry:catalog:*") }, "pass"],
    ["a token without the catalog", { path: "/v2/_catalog", ...bearer("team", "t1") }, "challenge"],
    ["a token that asks for a token", { path: "/token", ...bearer("team", "t1") }, "challenge"],
    ["another name of the proxy", { host: "x.local" }, "challenge"],
    ["an address of the proxy", { host: "[::1]:8443" }, "challenge"],
    ["no name", { host: undefined }, "challenge"],
    ["a foreign name", { host: "evil.example.com" }, "misdirected"],
    ["a foreign name with a token", { host: "evil.example.com", ...bearer("team", "t1") }, "misdirected"],
    ["a name that would end the header", { host: 'registry.example.com",x="' }, "misdirected"],
    ["an address that the registry does not have", { path: "/v2/x" }, "nothing"],
    ["an address beside the registry's", { path: "/x", host: "evil" }, "elsewhere"],
  ])("%s", (_, sent, expected) => {
    expect(judge(sent).access).toBe(expected);
  });

  test("a token is the same for every name where those are known otherwise", () => {
    const config = { ...CONFIG, names: null };
    expect(judge({ host: "any.example.com:5000" }, config).challenge).toContain("any.example.com:5000/token");
    expect(judge({ host: 'any"' }, config).access).toBe("misdirected");
  });
});

describe("the challenge", () => {
  const realm = 'Bearer realm="https://registry.example.com:8443/token",service="registry.example.com:8443"';
  test.each([
    ["for the API", {}, realm],
    ["for a pull", { path: TEAM }, `${realm},scope="repository:team/x:pull"`],
    ["for a push", { path: TEAM, method: "PUT" }, `${realm},scope="repository:team/x:pull,push"`],
    ["for a delete", { path: TEAM, method: "DELETE" }, `${realm},scope="repository:team/x:pull,delete"`],
    ["for the catalog", { path: "/v2/_catalog" }, `${realm},scope="registry:catalog:*"`],
    ["after a broken token", { authorization: "Bearer x" }, `${realm},error="invalid_token"`],
    [
      "after a token that was for something else",
      { path: TEAM, ...bearer("team", "t1") },
      `${realm},scope="repository:team/x:pull",error="insufficient_scope"`,
    ],
    ["of the token's own address", { path: "/token", ...basic("mallory") }, 'Basic realm="example registry"'],
  ])("%s", (_, sent, expected) => {
    expect(judge(sent).challenge).toBe(expected);
  });

  test("is for name and password where there are no tokens", () => {
    const config = { ...CONFIG, keys: null };
    expect(judge({ path: TEAM }, config).challenge).toBe('Basic realm="example registry"');
    expect(judge({ path: TEAM, ...bearer("team", "t1", "repository:team/x:pull") }, config).access).toBe("challenge");
    expect(judge({ path: "/token" }, config).access).toBe("challenge");
  });
});

test("a user who may not is told who may not do what", () => {
  expect(judge({ path: TEAM, method: "DELETE", ...basic("team") }).sentence).toBe("team may not delete in team/x");
  expect(judge({ path: PUBLIC, method: "PUT", ...basic("team") }).sentence).toBe("team may not push to public/x");
  expect(judge({ path: TEAM, ...basic("team") }).sentence).toBe("");
});

test("the user's name counts, with the version of the password", () => {
  expect(judge({ path: TEAM, ...basic("team") })).toMatchObject({ user: "team", version: "t1" });
  expect(judge({ path: TEAM, ...basic("mallory") })).toMatchObject({ user: "", version: "" });
});

describe("the start of an upload", () => {
  const DIGEST = "sha256:abc";
  const start = (args: string, who: Sent = basic("team")) =>
    judge({ method: "POST", path: "/v2/team/x/blobs/uploads/", args, ...who }).uploadArgs;
  const mount = (from: string) => `mount=sha256%3Aabc&from=${encodeURIComponent(from)}`;

  test.each([
    ["a mount of what this user may pull", `mount=${DIGEST}&from=team/y`, mount("team/y")],
    ["a mount of what everybody may pull", `mount=${DIGEST}&from=public/y`, mount("public/y")],
    ["a mount with encoded letters", `m%6funt=${DIGEST}&fro%6d=team%2Fy`, mount("team/y")],
    ["a mount of something else", `mount=${DIGEST}&from=secret`, ""],
    ["an encoded mount of something else", `m%6funt=${DIGEST}&%66rom=secret`, ""],
    ["two sources, the first of which counts", `mount=${DIGEST}&from=secret&from=team/y`, ""],
    ["two sources, the second of which is ignored", `mount=${DIGEST}&from=team/y&from=secret`, mount("team/y")],
    ["a source that is no name", `mount=${DIGEST}&from=team/../secret`, ""],
    ["a mount without a source", `mount=${DIGEST}`, ""],
    ["a source without a mount", "from=team/y", ""],
    ["an upload in one piece", `digest=${DIGEST}`, "digest=sha256%3Aabc"],
    [
      "an upload in one piece, and a mount of something else",
      `digest=${DIGEST}&mount=${DIGEST}&from=secret`,
      "digest=sha256%3Aabc",
    ],
    ["names that objects have", "__proto__=x&constructor=y&toString=z", ""],
    ["what the registry does not know", "x=y&_state=z", ""],
    ["nothing", "", ""],
    ["a broken escape", "mount=%E0%A4%A&from=%", ""],
  ])("takes over what it may: %s", (_, args, expected) => {
    expect(start(args)).toBe(expected);
  });

  test("with a token needs the scope of the source too", () => {
    const args = `mount=${DIGEST}&from=team/y`;
    const one = bearer("team", "t1", "repository:team/x:pull,push");
    const both = bearer("team", "t1", "repository:team/x:pull,push repository:team/y:pull");
    expect([start(args, one), start(args, both)]).toEqual(["", mount("team/y")]);
  });

  test("is the only request whose arguments are written anew", () => {
    expect(judge({ path: TEAM, args: "a=b" }).uploadArgs).toBeNull();
    expect(judge({ method: "PUT", path: "/v2/team/x/blobs/uploads/1", args: "digest=x" }).uploadArgs).toBeNull();
  });
});

describe("the verdict on a user who has expired", () => {
  const at = (moment: string) => ({ ...CONFIG, expiries: { team: moment } });
  const past = at(new Date(NOW * 1000).toISOString());
  const push = { path: TEAM, method: "PUT" };

  test.each([
    ["a login", { ...push, ...basic("team") }, "denied"],
    ["a login at the API's root", basic("team"), "denied"],
    ["a login that asks for a token", { path: "/token", ...basic("team") }, "denied"],
    ["a pull of what everybody may pull", { path: PUBLIC, ...basic("team") }, "denied"],
    ["a token of before", { ...push, ...bearer("team", "t1", "repository:team/x:pull,push") }, "forbidden"],
  ])("is no, once the password is right: %s", (_, sent, access) => {
    const verdict = judge(sent, past);
    expect(verdict.access).toBe(access);
    expect(verdict.sentence).toMatch(/^team has expired, at 2027-/);
  });

  test("is the same as before until that second, and for all others", () => {
    expect(judge({ ...push, ...basic("team") }, at(new Date((NOW + 1) * 1000).toISOString())).access).toBe("granted");
    expect(judge({ ...push, ...basic("admin") }, past).access).toBe("granted");
    expect(judge({ path: PUBLIC }, past).access).toBe("pass");
  });

  test.each(["", "tomorrow"])("is no where the moment cannot be read: %p", (moment) => {
    expect(judge({ ...push, ...basic("team") }, at(moment)).access).toBe("denied");
  });
});
