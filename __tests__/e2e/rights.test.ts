import crypto from "node:crypto";
import { images } from "../../environments/images";
import type { Request } from "../../testing/clients/http";
import { pushBlobs, pushManifests } from "../../testing/clients/small-content";
import { eventually } from "../../testing/machine/eventually";
import { freePorts } from "../../testing/machine/ports";
import { runName } from "../../testing/machine/scratch";
import { networkToMachine } from "../../testing/servers/neighbour";
import { Receiver } from "../../testing/servers/receiver";
import { RightsRegistry } from "../../testing/stacks/rights-registry";
import {
  ADMIN,
  CLEANER,
  mounts,
  NOBODY,
  oddPaths,
  operations,
  READER,
  REPOSITORIES,
  TEAM,
  withPublic,
} from "./rights-cases";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const SCOPES = [
  "registry:catalog:*",
  ...REPOSITORIES.map((name) => `repository:${name}:pull,push,delete`),
  "repository:team-a/other:pull,push",
];

describe.each([
  [
    "the proxy checks, before version 3",
    { word: "rights3", atRegistry: false, image: images.registry, isDirect: true },
  ],
  [
    "the proxy checks, before version 2",
    { word: "rights2", atRegistry: false, isDirect: false, image: images.registryV2 },
  ],
  ["version 3 checks", { word: "rightsin3", atRegistry: true, isDirect: false, image: images.registry }],
  ["version 2 checks", { word: "rightsin2", atRegistry: true, isDirect: false, image: images.registryV2 }],
])("rights by repository of users that %s", (_, variant) => {
  let registry: RightsRegistry;
  let receiver: Receiver;
  /** Of each repository a manifest and a blob that no other one has. */
  const content: { [repository: string]: { manifest: string; blob: string } } = {};
  /** Who asks, how, and with which rights. */
  let everyone: { [who: string]: { authorization?: string; rights: readonly string[]; isNamed: boolean } };

  const as = (authorization?: string): Request => ({
    headers: { Accept: MANIFEST, ...(authorization ? { Authorization: authorization } : {}) },
  });
  const digest = (repository: string) => content[repository].blob.replace("/blobs/", "");

  beforeAll(async () => {
    const [port, receiverPort] = await freePorts(2);
    const network = `${runName(variant.word)}-receiver`;
    const machine = await networkToMachine(network);
    receiver = new Receiver(receiverPort);
    await receiver.listen();
    // Pulls never touch the registry where nobody has to be told of them.
    const notifications = variant.isDirect ? [] : [{ name: "audit", url: `http://${machine}:${receiverPort}/events` }];
    registry = new RightsRegistry(variant, port, { networkNames: [network], notifications });
    await registry.deploy();
    const admin = as(registry.basic("admin"));
    for (const name of REPOSITORIES) {
      const repository = { url: `${registry.url}/v2/${name}`, options: { ca: registry.ca, ...admin } };
      const [manifest] = await pushManifests(repository, 1, name);
      const [blob] = await pushBlobs(repository, 1, name);
      const { body } = await registry.ask(`/v2/${name}${manifest}`, admin);
      const headers = { ...admin.headers, "Content-Type": MANIFEST };
      expect((await registry.ask(`/v2/${name}/manifests/1`, { method: "PUT", headers, body })).status).toBe(201);
      content[name] = { manifest, blob };
    }
    const rights = { admin: ADMIN, reader: READER, team: TEAM, cleaner: CLEANER, idle: NOBODY };
    const all = variant.atRegistry ? (given: readonly string[]) => given : withPublic;
    everyone = { nobody: { rights: all(NOBODY), isNamed: false } };
    for (const [user, given] of Object.entries(rights)) {
      everyone[user] = { authorization: registry.basic(user), rights: all(given), isNamed: true };
      if (!variant.atRegistry) {
        const authorization = await registry.bearer(user, ...SCOPES);
        everyone[`${user} with a token`] = { authorization, rights: all(given), isNamed: true };
      }
    }
    if (!variant.atRegistry) {
      const authorization = await registry.bearer(undefined, ...SCOPES);
      everyone["nobody with a token"] = { authorization, rights: all(NOBODY), isNamed: false };
    }
  });
  afterAll(async () => {
    await receiver?.close();
    await registry?.cleanUp();
  });

  it("are what the table says, for each user, repository and method", async () => {
    const wrong: string[] = [];
    let asked = 0;
    for (const [who, { authorization, rights, isNamed }] of Object.entries(everyone)) {
      await Promise.all(
        REPOSITORIES.map(async (name, i) => {
          for (const { method, path, needs, status, body } of operations(content[name].manifest, content[name].blob)) {
            const expected = rights[i].includes(needs) ? status : isNamed ? 403 : 401;
            const answer = await registry.ask(`/v2/${name}${path}`, { method, body, ...as(authorization) });
            asked++;
            if (answer.status !== expected) {
              wrong.push(`${who}: ${method} /v2/${name}${path} gave ${answer.status}, not ${expected}`);
            }
          }
        }),
      );
    }
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThanOrEqual(variant.atRegistry ? 700 : 1400);
  });

  it("say who may not do what", async () => {
    const { headers, text } = await registry.ask("/v2/public/app/blobs/uploads/", {
      method: "POST",
      ...as(registry.basic("team")),
    });
    expect(JSON.parse(text).errors).toEqual([
      {
        code: "DENIED",
        message: "requested access to the resource is denied: team may not push to public/app",
        detail: null,
      },
    ]);
    expect(headers["www-authenticate"]).toBeUndefined();
  });

  it.each(["GET", "POST", "DELETE"])("cannot be got round by odd addresses: %s", async (method) => {
    const led: string[] = [];
    for (const path of oddPaths(digest("secret"))) {
      for (const who of Object.keys(everyone).filter((name) => /^(nobody$|team|idle$)/.test(name))) {
        const { status } = await registry.ask(path, { method, ...as(everyone[who].authorization) });
        if (status < 400 || status >= 500) {
          led.push(`${who}: ${method} ${path} gave ${status}`);
        }
      }
    }
    expect(led).toEqual([]);
  });

  it("keep a blob where it is, however a mount is asked for", async () => {
    const secret = digest("secret");
    const start = "/v2/team-a/app/blobs/uploads/";
    const forms = {
      "application/x-www-form-urlencoded": `mount=${secret}&from=secret`,
      "APPLICATION/X-WWW-FORM-URLENCODED; charset=utf-8": `mount=${secret}&from=secret`,
      "multipart/form-data; boundary=x": `--x\r\nContent-Disposition: form-data; name="mount"\r\n\r\n${secret}\r\n--x\r\nContent-Disposition: form-data; name="from"\r\n\r\nsecret\r\n--x--\r\n`,
    };
    for (const who of Object.keys(everyone).filter((name) => /^team/.test(name))) {
      const authorization = everyone[who].authorization ?? "";
      for (const args of mounts(secret)) {
        const { status } = await registry.ask(`${start}?${args}`, { method: "POST", ...as(authorization) });
        expect([args, status]).toEqual([args, 202]);
      }
      for (const [type, body] of Object.entries(forms)) {
        const headers = { Authorization: authorization, "Content-Type": type, "Content-Length": body.length };
        for (const path of [start, `${start}?mount=${secret}`, `${start}?from=secret`]) {
          const { status } = await registry.ask(path, { method: "POST", headers, body });
          expect([type, path, status]).toEqual([type, path, 202]);
        }
      }
      const base = `mount=${digest("base/os")}&from=base/os`;
      expect((await registry.ask(`${start}?${base}`, { method: "POST", ...as(authorization) })).status).toBe(201);
    }
    const admin = as(registry.basic("admin"));
    expect((await registry.ask(`/v2/team-a/app/blobs/${secret}`, { method: "HEAD", ...admin })).status).toBe(404);
  });

  it("let an upload be finished by who may push there, and by nobody else", async () => {
    const begin = async () => {
      const { headers } = await registry.ask("/v2/team-a/app/blobs/uploads/", {
        method: "POST",
        ...as(registry.basic("team")),
      });
      return new URL(headers.location ?? "");
    };
    const content = crypto.randomBytes(20);
    const hash = `sha256:${crypto.createHash("sha256").update(content).digest("hex")}`;
    const finish = (upload: URL, authorization?: string) =>
      registry.ask(`${upload.pathname}${upload.search}${upload.search ? "&" : "?"}digest=${hash}`, {
        method: "PUT",
        body: content,
        headers: { ...as(authorization).headers, "Content-Length": content.length },
      });
    const upload = await begin();
    expect((await finish(upload)).status).toBe(401);
    expect((await finish(upload, registry.basic("team", "wrong"))).status).toBe(401);
    expect((await finish(upload, registry.basic("reader"))).status).toBe(403);
    expect((await finish(upload, registry.basic("idle"))).status).toBe(403);
    const elsewhere = new URL(upload);
    elsewhere.pathname = upload.pathname.replace("/team-a/app/", "/secret/");
    expect((await finish(elsewhere, registry.basic("team"))).status).toBe(403);
    expect((await finish(elsewhere, registry.basic("admin"))).status).toBeGreaterThanOrEqual(400);
    expect((await finish(upload, registry.basic("admin"))).status).toBe(201);
    expect((await finish(await begin(), registry.basic("team"))).status).toBe(201);
  });

  it("show in the catalog what one may pull, whole or in pages", async () => {
    const visible = (rights: readonly string[]) => REPOSITORIES.filter((_, i) => rights[i].includes("r")).sort();
    for (const [who, { authorization, rights }] of Object.entries(everyone)) {
      if (authorization === undefined) {
        expect((await registry.ask("/v2/_catalog")).status).toBe(401);
        continue;
      }
      for (const n of [undefined, 1, 2, 100]) {
        const shown: string[] = [];
        let next: string | undefined = `/v2/_catalog${n ? `?n=${n}` : ""}`;
        while (next) {
          const { status, text, headers } = await registry.ask(next, as(authorization));
          expect(status).toBe(200);
          const page: string[] = JSON.parse(text).repositories;
          expect(page.length).toBeLessThanOrEqual(n ?? 100);
          shown.push(...page);
          next = /<([^>]*)>/.exec(String(headers.link ?? ""))?.[1];
        }
        expect({ who, n, shown: [...shown].sort() }).toEqual({ who, n, shown: visible(rights) });
      }
    }
  });

  it("let nobody in with a wrong password, and do not say whose it was", async () => {
    const answers = new Set<string>();
    for (const authorization of [
      registry.basic("admin", "wrong"),
      registry.basic("mallory", "wrong"),
      registry.basic("-", ""),
    ]) {
      for (const [method, path] of [
        ["GET", "/v2/"],
        ["GET", "/v2/secret/manifests/1"],
        ["GET", "/v2/no-such/manifests/1"],
        ["POST", "/v2/secret/blobs/uploads/"],
        ["GET", "/v2/_catalog"],
      ]) {
        const { status, headers, text } = await registry.ask(path, { method, ...as(authorization) });
        expect(status).toBe(401);
        answers.add(`${text}${String(headers["www-authenticate"]).replace(/,scope=.*/, "")}`);
      }
    }
    expect(answers.size).toBe(1);
  });

  if (!variant.isDirect) {
    it("are known to the registry's events by who used them, by the verified name alone", async () => {
      const where = `/v2/team-a/app${content["team-a/app"].manifest}`;
      for (const who of Object.keys(everyone).filter((name) => /^team/.test(name))) {
        await registry.ask(where, as(everyone[who].authorization));
      }
      await registry.ask(where, as(registry.basic("admin", "wrong")));
      const actors = () => receiver.of("pull").map(({ actor }) => actor);
      await eventually(() => expect(actors()).toContain("team"), 10000);
      const used = Object.entries(everyone).filter(([, { rights }]) => rights.some((right) => right.includes("r")));
      const names = [...new Set(used.map(([who, { isNamed }]) => (isNamed ? who.split(" ")[0] : undefined)))];
      await eventually(() => expect([...new Set(actors())].sort()).toEqual(names.sort()), 10000);
    });
  }

  if (variant.atRegistry) {
    it("are asked for by name and password, as there are no tokens", async () => {
      const { headers } = await registry.ask("/v2/secret/manifests/1");
      expect(headers["www-authenticate"]).toBe('Basic realm="the test"');
      expect((await registry.ask("/token", as(registry.basic("admin")))).status).toBe(404);
    });
    return;
  }

  it("are in a token as far as it was asked for, and as far as they go", async () => {
    const all = { pull: "r", push: "w", delete: "d" };
    for (const [who, { rights }] of Object.entries(everyone).filter(([name]) => !name.includes("token"))) {
      const token = await registry.bearer(
        who === "nobody" ? undefined : who,
        ...SCOPES.filter((scope) => !/other/.test(scope)),
      );
      const { access, exp } = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
      const granted = REPOSITORIES.map((name) =>
        Object.entries(all)
          .filter(([action]) =>
            access.some(
              (one: { name: string; actions: string[] }) => one.name === name && one.actions.includes(action),
            ),
          )
          .map(([, letter]) => letter)
          .join(""),
      );
      expect({ who, granted }).toEqual({ who, granted: rights });
      expect(exp - Date.now() / 1000).toBeLessThanOrEqual(300);
    }
  });

  it("are asked for with the scope that is missing", async () => {
    const realm = `Bearer realm="${registry.url}/token",service="${registry.host}"`;
    const challenge = async (path: string, options: Request = {}) =>
      (await registry.ask(path, options)).headers["www-authenticate"];
    expect(await challenge("/v2/")).toBe(realm);
    expect(await challenge("/v2/secret/manifests/1")).toBe(`${realm},scope="repository:secret:pull"`);
    const token = as(await registry.bearer("team", "repository:team-a/app:pull"));
    expect(await challenge("/v2/team-a/app/blobs/uploads/", { method: "POST", ...token })).toBe(
      `${realm},scope="repository:team-a/app:pull,push",error="insufficient_scope"`,
    );
    expect((await registry.ask("/v2/team-a/app/manifests/1", token)).status).toBe(200);
    expect(await challenge("/v2/", as("Bearer x"))).toBe(`${realm},error="invalid_token"`);
  });

  it("are given by names of the proxy only", async () => {
    const host = registry.host.replace("localhost", "127.0.0.1");
    const { headers } = await registry.ask("/v2/", { headers: { Host: host } });
    expect(headers["www-authenticate"]).toContain(`realm="https://${host}/token",service="${registry.host}"`);
    for (const name of ["evil.example.com", "localhost.evil.example.com", `localhost",x="`, "127.0.0.2"]) {
      for (const path of ["/v2/", "/v2/public/app/manifests/1", "/token"]) {
        const answer = await registry.ask(path, { headers: { Host: name, Authorization: registry.basic("admin") } });
        expect([name, path, [400, 421].includes(answer.status)]).toEqual([name, path, true]);
      }
    }
  });

  it("are not given by a token that was forged, has expired, or is of an older password", async () => {
    const { keys, users } = await registry.credentials();
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const header = { alg: "HS256", typ: "JWT", kid: keys.kid };
    const access = [{ type: "repository", name: "secret", actions: ["pull", "push", "delete"] }];
    const claims = { sub: "admin", version: users.admin, exp: Math.floor(Date.now() / 1000) + 60, access };
    const signed = (head: unknown, body: unknown, key = keys.key) => {
      const text = `${encoded(head)}.${encoded(body)}`;
      return `${text}.${crypto.createHmac("sha256", key).update(text).digest("base64url")}`;
    };
    const status = async (token: string, method = "GET", path = "/v2/secret/manifests/1") =>
      (await registry.ask(path, { method, ...as(`Bearer ${token}`) })).status;
    // The way of signing is right: what follows fails for its own reasons.
    expect(await status(signed(header, claims))).toBe(200);
    const forged = {
      "another key": signed(header, claims, "x"),
      "an empty key": signed(header, claims, ""),
      "the key's name": signed(header, claims, keys.kid),
      "kid __proto__": signed({ ...header, kid: "__proto__" }, claims, ""),
      "kid constructor": signed({ ...header, kid: "constructor" }, claims, ""),
      "alg none": `${encoded({ ...header, alg: "none" })}.${encoded(claims)}.`,
      "alg None, signed": signed({ ...header, alg: "None" }, claims),
      "no signature": `${encoded(header)}.${encoded(claims)}.`,
      "a claim changed": signed(header, { ...claims, sub: "team" }).replace(/\.[^.]*\./, `.${encoded(claims)}.`),
      expired: signed(header, { ...claims, exp: Math.floor(Date.now() / 1000) - 1 }),
      "no expiry": signed(header, { ...claims, exp: undefined }),
      "expiry null": signed(header, { ...claims, exp: null }),
      "expiry NaN": signed(header, { ...claims, exp: "NaN" }),
      "another version": signed(header, { ...claims, version: "0".repeat(16) }),
      "no version": signed(header, { ...claims, version: undefined }),
      "a user who is none": signed(header, { ...claims, sub: "mallory" }),
      "the user __proto__": signed(header, { ...claims, sub: "__proto__", version: undefined }),
      "the user constructor": signed(header, { ...claims, sub: "constructor", version: undefined }),
      "no user": signed(header, { ...claims, sub: undefined }),
      "the user of rules for everybody": signed(header, { ...claims, sub: "*", version: undefined }),
      nobody: signed(header, { ...claims, sub: "", version: "" }),
      nothing: "",
      "a null": signed(header, null),
      "a number": signed(header, 1),
    };
    for (const [what, token] of Object.entries(forged)) {
      expect([what, await status(token)]).toEqual([what, 401]);
      expect([what, await status(token, "POST", "/v2/secret/blobs/uploads/")]).toEqual([what, 401]);
    }
    // Signed for more than its user may do: the rights of today count.
    const greedy = signed(header, { ...claims, sub: "team", version: users.team });
    expect([await status(greedy), await status(greedy, "POST", "/v2/secret/blobs/uploads/")]).toEqual([403, 403]);
  });

  it("are given to forms too, and to nothing else that is posted", async () => {
    const post = async (form: Record<string, string>) => {
      const body = new URLSearchParams(form).toString();
      const headers = { "Content-Type": "application/x-www-form-urlencoded", "Content-Length": body.length };
      return registry.ask("/token", { method: "POST", headers, body });
    };
    const login = { grant_type: "password", username: "team", password: registry.users.team };
    const { status, text } = await post({ ...login, scope: "repository:team-a/app:pull" });
    expect(status).toBe(200);
    const authorization = as(`Bearer ${JSON.parse(text).access_token}`);
    expect((await registry.ask("/v2/team-a/app/manifests/1", authorization)).status).toBe(200);
    expect((await post({ ...login, password: "wrong" })).status).toBe(401);
    expect((await post({ ...login, username: "mallory" })).status).toBe(401);
    expect((await post({ grant_type: "refresh_token", refresh_token: "x" })).status).toBe(405);
    for (const method of ["PUT", "DELETE", "PATCH"]) {
      expect((await registry.ask("/token", { method, ...as(registry.basic("team")) })).status).toBe(405);
    }
  });

  it("take strangers the same time, whether a user or a repository exists or not", async () => {
    const time = async (path: string, authorization?: string) => {
      const start = process.hrtime.bigint();
      expect((await registry.ask(path, as(authorization))).status).toBe(401);
      return Number(process.hrtime.bigint() - start) / 1e6;
    };
    /** In turns, so that other work of the machine falls on both; and the shortest, as it only adds to the others. */
    const difference = async (path: [string, string], authorization: [string?, string?] = []) => {
      const times: [number[], number[]] = [[], []];
      for (let i = 0; i < 20; i++) {
        for (const which of [0, 1] as const) {
          times[which].push(await time(path[which], authorization[which]));
        }
      }
      return Math.abs(Math.min(...times[0]) - Math.min(...times[1]));
    };
    const logins: [string, string] = [registry.basic("admin", "wrong"), registry.basic("mallory", "wrong")];
    const secret = "/v2/secret/manifests/1";
    for (const [path, authorization] of [
      [["/token", "/token"], logins],
      [[secret, secret], logins],
      [[secret, "/v2/no-such/manifests/1"], []],
    ] as [[string, string], [string?, string?]][]) {
      const differences: number[] = [];
      while (differences.length < 3 && !differences.some((one) => one <= 5)) {
        differences.push(await difference(path, authorization));
      }
      expect(Math.min(...differences)).toBeLessThanOrEqual(5);
    }
  });
});
