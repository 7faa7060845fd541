import access from "../../../../lib/proxy/njs/access";
import tokens from "../../../../lib/proxy/njs/tokens";

const KEYS = { kid: "abcd1234", key: "a key of the test" };

Object.assign(globalThis, {
  access_rights: {
    team: [{ repositories: ["team/**", "base"], allow: ["pull", "push"] }],
    reader: [{ repositories: ["**"], allow: ["pull"] }],
  },
  access_credentials: { users: { team: "t1", reader: "r1" }, keys: KEYS },
  access_realm: {
    realm: "example registry",
    service: "registry.example.com",
    scheme: "https",
    names: ["registry.example.com"],
    decoy: "Basic LTo=",
  },
});

interface Answer {
  readonly status: number;
  readonly responseText?: string;
  readonly headersOut?: Record<string, string>;
}

/** A request as njs gives it to a handler, as far as the handlers look at it. */
class FakeRequest {
  public readonly variables: Record<string, string | undefined> = {};
  public readonly headersIn: Record<string, string> = {};
  public readonly headersOut: Record<string, string> = {};
  public readonly asked: string[] = [];
  public requestText?: string;
  public method = "GET";
  public answer: { status?: number; body?: unknown; redirect?: string } = {};

  public constructor(private readonly upstream: (address: string) => Answer & { upstreamStatus?: string }) {}

  public async subrequest(address: string, { args = "" } = {}) {
    this.asked.push(`${address}?${args}`);
    const { upstreamStatus, ...answer } = this.upstream(`${address}?${args}`);
    return { headersOut: {}, responseText: "", ...answer, variables: { upstream_status: upstreamStatus } };
  }

  public return(status: number, text: string) {
    this.answer = { status, body: text.startsWith("{") ? JSON.parse(text) : text };
  }

  public internalRedirect(address: string) {
    this.answer = { redirect: address };
  }
}

describe("the catalog", () => {
  /** A registry with these names, which gives as many at a time as it is asked for, and no more than a limit. */
  const registryOf =
    (names: string[], limit = 1000) =>
    (address: string) => {
      const args = new URL(address, "http://registry").searchParams;
      const n = Number(args.get("n"));
      const rest = names.filter((name) => name > (args.get("last") ?? ""));
      return n > limit
        ? { status: 400, responseText: "too many" }
        : {
            status: 200,
            responseText: JSON.stringify({ repositories: rest.slice(0, n) }),
            headersOut: rest.length > n ? { Link: "more" } : {},
          };
    };

  const catalog = async (user: string, args: string, names: string[], limit?: number) => {
    const r = new FakeRequest(registryOf(names, limit) as never);
    r.variables.user = user;
    r.variables.args = args;
    await access.catalog(r);
    return r;
  };

  const many = [...Array(1500).keys()]
    .map((i) => `${i % 3 === 0 ? "team" : "other"}/${String(i).padStart(4, "0")}`)
    .sort();
  const mine = many.filter((name) => name.startsWith("team/"));

  test("shows what a user may pull", async () => {
    const r = await catalog("team", "", ["base", "other/a", "team/a", "team/b", "z"]);
    expect(r.answer).toEqual({ status: 200, body: { repositories: ["base", "team/a", "team/b"] } });
    expect(r.headersOut.Link).toBeUndefined();
  });

  test("is empty for who may pull nothing", async () => {
    expect((await catalog("", "n=2", many)).answer.body).toEqual({ repositories: [] });
  });

  test.each([1, 7, 100, 250, 499, 500, 501, 1000])("is complete and without repeats in pages of %d", async (n) => {
    const all: string[] = [];
    let args: string | undefined = `n=${n}`;
    while (args !== undefined) {
      const r: FakeRequest = await catalog("team", args, many);
      const page = (r.answer.body as { repositories: string[] }).repositories;
      expect(page.length).toBeLessThanOrEqual(n);
      all.push(...page);
      args = /^<\/v2\/_catalog\?(.*)>; rel="next"$/.exec(r.headersOut.Link ?? "")?.[1];
    }
    expect(all).toEqual(mine);
  });

  test("names in its links only what this user may pull", async () => {
    const r = await catalog("team", "n=3", ["base", "other/a", "team/a", "team/b", "team/c", "z"]);
    expect(r.headersOut.Link).toBe('</v2/_catalog?n=3&last=team%2Fb>; rel="next"');
  });

  test("asks for fewer at a time where the registry gives fewer", async () => {
    const r = await catalog("team", "n=20", many, 50);
    expect((r.answer.body as { repositories: string[] }).repositories).toEqual(mine.slice(0, 20));
  });

  test.each([
    ["reader", "n=5", "who may pull everything"],
    ["team", "n=0", "a number that is none"],
    ["team", "n=-1", "a negative number"],
    ["team", "n=x", "a word"],
  ])("is the registry's own for %s, %s: %s", async (user, args) => {
    expect((await catalog(user, args, many)).answer).toEqual({ redirect: `/_catalog?${args}` });
  });

  test("passes on what the registry says when it fails", async () => {
    const r = new FakeRequest(() => ({ status: 503, responseText: "down" }));
    r.variables.user = "team";
    await access.catalog(r);
    expect(r.answer).toEqual({ status: 503, body: "down" });
  });
});

describe("a token", () => {
  const ask = async (request: {
    method?: string;
    args?: string;
    body?: string;
    user?: string;
    login?: Answer & { upstreamStatus?: string };
  }) => {
    const { method = "GET", args, body, user = "team", login = { status: 204 } } = request;
    const r = new FakeRequest(() => login);
    r.method = method;
    Object.assign(r.variables, {
      args,
      user,
      user_version: user === "" ? "" : "t1",
      http_host: "registry.example.com",
    });
    r.requestText = body;
    await access.token(r);
    const token = (r.answer.body as { token?: string }).token;
    return { r, claims: token ? tokens.verify(KEYS, token, Date.now() / 1000) : undefined };
  };

  test("says what the user asked for and may do", async () => {
    const scope = "scope=repository:team/a:pull,push,delete&scope=repository:other:pull%20registry:catalog:*";
    const { r, claims } = await ask({ args: `service=x&${scope}` });
    expect(claims).toMatchObject({
      sub: "team",
      version: "t1",
      access: [
        { type: "repository", name: "team/a", actions: ["pull", "push"] },
        { type: "registry", name: "catalog", actions: ["*"] },
      ],
    });
    expect(r.answer.body).toEqual({ token: expect.any(String), access_token: expect.any(String), expires_in: 300 });
    expect(r.headersOut["Cache-Control"]).toBe("no-store");
  });

  test("is given for a form with name and password", async () => {
    const form = "grant_type=password&username=team&password=p%2Bq+r&scope=repository:team/a:pull";
    const { r, claims } = await ask({ method: "POST", body: form });
    expect(claims).toMatchObject({ sub: "team", access: [{ name: "team/a" }] });
    expect(r.variables).toMatchObject({
      login_check: "granted",
      checked_login: `Basic ${Buffer.from("team:p+q r").toString("base64")}`,
    });
  });

  test.each([
    ["a made-up name", "mallory"],
    ["a name with a colon, which would be another's", "team:x"],
    ["no name", ""],
  ])("is checked as the decoy for a form with %s", async (_, name) => {
    const body = `grant_type=password&username=${name}&password=x`;
    const login = { status: 403, upstreamStatus: "401" };
    const { r } = await ask({ method: "POST", body, login });
    expect(r.variables).toMatchObject({ login_check: "unknown", checked_login: "Basic LTo=", user: "" });
    expect(r.answer.status).toBe(401);
  });

  test.each([
    ["a form that asks for something else", { method: "POST", body: "grant_type=refresh_token&refresh_token=x" }, 405],
    ["a form without a password", { method: "POST", body: "grant_type=password&username=team" }, 405],
    ["an empty form", { method: "POST", body: "" }, 405],
    ["another method", { method: "DELETE" }, 405],
    ["a wrong password", { login: { status: 403, upstreamStatus: "401" } }, 401],
    ["too many logins", { login: { status: 403, upstreamStatus: "429" } }, 429],
    ["a check that fails", { login: { status: 403, upstreamStatus: "502" } }, 503],
    [
      "too many scopes",
      { args: `scope=${Array.from({ length: 17 }, (_, i) => `repository:a${i}:pull`).join("+")}` },
      400,
    ],
  ])("is not given for %s", async (_, request, status) => {
    const { r } = await ask(request);
    expect(r.answer.status).toBe(status);
    expect(JSON.stringify(r.answer.body)).not.toContain('token":');
  });
});
