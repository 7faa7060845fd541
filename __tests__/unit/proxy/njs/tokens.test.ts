import crypto from "node:crypto";
import tokens from "../../../../lib/proxy/njs/tokens";

const KEYS = { kid: "abcd1234", key: "a key of the test" };
const NOW = 1_800_000_000;
const SCOPES = [{ type: "repository", name: "team/app", actions: ["pull", "push"] }];

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Signed as the standard says, independently of what is tested. */
function signed(header: unknown, claims: unknown, key = KEYS.key): string {
  const text = `${encoded(header)}.${encoded(claims)}`;
  return `${text}.${crypto.createHmac("sha256", key).update(text).digest("base64url")}`;
}

const HEADER = { alg: "HS256", typ: "JWT", kid: KEYS.kid };
const CLAIMS = { sub: "alice", version: "v1", exp: NOW + 300, access: SCOPES };

describe("a token", () => {
  test("is a JSON Web Token of five minutes", () => {
    expect(tokens.sign(KEYS, "alice", "v1", SCOPES, NOW)).toBe(signed(HEADER, CLAIMS));
  });

  test("says what it was given, until it expires", () => {
    const token = signed(HEADER, CLAIMS);
    expect(tokens.verify(KEYS, token, NOW)).toEqual(CLAIMS);
    expect(tokens.verify(KEYS, token, NOW + 300)).toEqual(CLAIMS);
    expect(tokens.verify(KEYS, token, NOW + 301)).toBeNull();
  });

  test.each([
    ["of another key", signed(HEADER, CLAIMS, "another key")],
    ["of an empty key", signed(HEADER, CLAIMS, "")],
    ["of another key's name", signed({ ...HEADER, kid: "other" }, CLAIMS)],
    ["whose key's name is __proto__", signed({ ...HEADER, kid: "__proto__" }, CLAIMS, "")],
    ["of another algorithm", signed({ ...HEADER, alg: "none" }, CLAIMS)],
    ["of another order", signed({ typ: "JWT", alg: "HS256", kid: KEYS.kid }, CLAIMS)],
    ["without an algorithm and a signature", `${encoded({ alg: "none" })}.${encoded(CLAIMS)}.`],
    ["without a signature", signed(HEADER, CLAIMS).replace(/[^.]*$/, "")],
    ["without the last letter", signed(HEADER, CLAIMS).slice(0, -1)],
    ["with other claims", signed(HEADER, CLAIMS).replace(encoded(CLAIMS), encoded({ ...CLAIMS, sub: "bob" }))],
    ["with four parts", `${signed(HEADER, CLAIMS)}.x`],
    ["that never expires", signed(HEADER, { ...CLAIMS, exp: undefined })],
    ["that expires at no number", signed(HEADER, { ...CLAIMS, exp: "soon" })],
    ["of no time", signed(HEADER, { ...CLAIMS, exp: null })],
    ["of two parts", "a.b"],
    ["of nothing", ""],
    ["too long", signed(HEADER, { ...CLAIMS, more: "x".repeat(5000) })],
  ])("%s is none", (_, token) => {
    expect(tokens.verify(KEYS, token, NOW)).toBeNull();
  });

  test("is not made when it would be too long for a client's buffers", () => {
    const many = Array.from({ length: 16 }, (_, i) => ({ ...SCOPES[0], name: `${"a".repeat(240)}${i}` }));
    expect(tokens.sign(KEYS, "alice", "v1", many.slice(0, 8), NOW)).not.toBeNull();
    expect(tokens.sign(KEYS, "alice", "v1", many, NOW)).toBeNull();
  });
});

describe("scopes", () => {
  test.each([
    [["repository:a/b:pull"], "a/b:pull"],
    [["repository:a:push,pull"], "a:pull,push"],
    [["repository:a:*"], "a:pull,push,delete"],
    [["repository(plugin):a:pull"], "a:pull"],
    [["repository:a:pull repository:b:pull"], "a:pull b:pull"],
    // containerd asks for both.
    [["repository:a:pull", "repository:a:pull,push"], "a:pull,push"],
    [["registry:catalog:*"], "catalog:*"],
    [["registry:catalog:pull", "registry:other:*"], ""],
    [["repository:a:admin", "repository:a:", "repository:a", "repository::pull", "a:pull", ""], ""],
    [["repository:A:pull", "repository:../a:pull", "repository:a:b:pull", "repository:**:pull"], ""],
    [["repository:__proto__:pull", "__proto__:a:pull"], ""],
  ])("%p are read as %p", (params, expected) => {
    const scopes: { name: string; actions: string[] }[] = tokens.parseScopes(params) ?? [];
    expect(scopes.map(({ name, actions }) => `${name}:${actions.join(",")}`).join(" ")).toBe(expected);
  });

  test("are at most sixteen in a token", () => {
    const scopes = (count: number) => [Array.from({ length: count }, (_, i) => `repository:a${i}:pull`).join(" ")];
    expect(tokens.parseScopes(scopes(16))).toHaveLength(16);
    expect(tokens.parseScopes(scopes(17))).toBeNull();
  });
});
