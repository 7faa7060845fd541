import crypto from "node:crypto";
import path from "node:path";
import bcrypt from "bcryptjs";
import execa from "execa";
import { images } from "../../environments/images";
import { Access, HtpasswdAuth, HtpasswdUser, type IProxyAuth, type IRegistryAuth } from "../../lib";
import { pullsStayTrue } from "../../testing/checks/pulls-stay-true";
import { Crane } from "../../testing/clients/clients";
import { basicAuth, type Request, type Response, request } from "../../testing/clients/http";
import { blobFile, MiB, TestImage } from "../../testing/clients/images";
import { Deployment } from "../../testing/machine/deployment";
import { inspect } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePorts } from "../../testing/machine/ports";
import { adjustedRegistry } from "../../testing/stacks/adjusted-registry";
import { runPlainRegistry } from "../../testing/stacks/plain-registry";
import { BLOB_CASES, blob, type Case, FOREIGN_HOST, header, type Known } from "./blob-cases";
import { MANIFEST_CASES, oddManifests } from "./manifest-cases";

/** What a client needs for a pull. */
const GO_ON_ALONE = [
  "the API's root",
  "manifest by its tag",
  "manifest by its digest",
  "HEAD of a manifest",
  "manifest bare-index, by its tag",
  "GET of a blob",
  "HEAD of a blob",
  "the first bytes",
];

const OCI = "application/vnd.oci.image.manifest.v1+json";

const PASSWORD = "correct horse";
const HASH = bcrypt.hashSync(PASSWORD, 10);
/** For registries, which check it at each request: cheap. */
const HTPASSWD = `anna:${bcrypt.hashSync(PASSWORD, 4)}`;

/** The proxy asks for the password. */
const proxyAuth: IProxyAuth = {
  bindToProxy: (proxy, context) => {
    const users = [HtpasswdUser.fromHash("anna", HASH, { access: Access.PUSH })];
    return new HtpasswdAuth(proxy, "Users", { users }).bindToProxy(proxy, context);
  },
};

/** The registry asks for the password itself. */
const registryAuth: IRegistryAuth = {
  bindToRegistry: () => ({
    config: { auth: { htpasswd: { realm: "registry", path: "/config/current/htpasswd" } } },
    files: [{ path: "htpasswd", content: HTPASSWD }],
  }),
};

describe.each([
  { word: "fast3", name: "version 3", image: images.registry, users: "none" },
  { word: "fast2", name: "version 2", image: images.registryV2, users: "none" },
  { word: "fastusers", name: "version 3 with users", image: images.registry, users: "at the registry" },
  { word: "fastlogins", name: "version 3 with users at the proxy", image: images.registry, users: "at the proxy" },
])("accelerated pulls from a registry of $name", ({ word, image, users }) => {
  let registry: Deployment;
  let proxyUrl: string;
  let plainUrl: string;
  let known: Known;

  // A registry that checks users itself is asked for each pull.
  const isDirect = users !== "at the registry";
  const cases = isDirect ? [...BLOB_CASES, ...MANIFEST_CASES] : BLOB_CASES;

  const login: Record<string, string> = users !== "none" ? { Authorization: basicAuth("anna", PASSWORD) } : {};
  const ask = (url: string, { path, method, headers }: Case, more: Record<string, string> = login) =>
    request(`${url}${path(known)}`, { method, headers: { ...more, ...headers?.(known) } } satisfies Request);
  const inVolume = (script: string) =>
    execa("docker", [
      ...["run", "--rm", `--volume=${registry.id}-registry-data:/data`, "--user=65532:65532", "--entrypoint=sh"],
      ...[image.reference, "-c", script],
    ]);

  beforeAll(async () => {
    const [port, plainPort] = await freePorts(2);
    proxyUrl = `http://127.0.0.1:${port}`;
    plainUrl = `http://127.0.0.1:${plainPort}`;
    registry = Deployment.of(
      word,
      adjustedRegistry(port, {
        registry: { image, auth: users === "at the registry" ? registryAuth : undefined },
        proxy: { auth: users === "at the proxy" ? proxyAuth : undefined },
      }),
    );
    await registry.apply();
    await runPlainRegistry({
      name: `${registry.id}-plain`,
      image,
      port: plainPort,
      volume: `${registry.id}-registry-data`,
      htpasswd: users !== "none" ? HTPASSWD : undefined,
    });
    await eventually(async () => {
      expect((await request(`${plainUrl}/v2/`, { headers: login })).status).toBe(200);
    }, 10000);

    const crane = new Crane(registry.directory);
    const host = `127.0.0.1:${port}`;
    if (users !== "none") {
      await crane.login(host, { user: "anna", password: PASSWORD });
    }
    const sizes = { layers: [MiB, 1000, 2000, 3000] };
    const app = await TestImage.create(path.join(registry.directory, "app"), sizes);
    const other = await TestImage.create(path.join(registry.directory, "other"), sizes);
    await crane.push(app.directory, `${host}/team/app:1`);
    await crane.push(other.directory, `${host}/other/app:1`);

    const odd = oddManifests(app);
    await inVolume(odd.script("/data"));
    const [layer, deleted, vanished, linked] = app.layers;
    known = {
      blob: layer.digest,
      size: layer.size,
      config: app.config.digest,
      manifest: app.manifest.digest,
      missing: `sha256:${"0".repeat(64)}`,
      deleted: deleted.digest,
      vanished: vanished.digest,
      linked: linked.digest,
      foreign: other.layers[0].digest,
      file: blobFile(layer.digest),
      odd: odd.digests,
    };
    const removal = await request(`${proxyUrl}/v2/team/app/blobs/${known.deleted}`, {
      method: "DELETE",
      headers: login,
    });
    expect(removal.status).toBe(202);
    // The registry has it in its cache: it would go on to announce it.
    await request(`${proxyUrl}/v2/team/app/blobs/${known.vanished}`, { headers: login });
    await inVolume(`rm /data${blobFile(known.vanished)}`);
    await inVolume(`ln -sf /config/current/nginx.conf /data${blobFile(known.linked)}`);
  });
  afterAll(() => registry?.cleanUp());

  it.each(cases.map((one) => [one.name, one] as const))("answer as the registry alone: %s", async (_, one) => {
    const plain = await ask(plainUrl, one);
    // Twice: the type of a manifest is known from then on.
    for (const proxied of [await ask(proxyUrl, one), await ask(proxyUrl, one)]) {
      if (one.differs?.isRefused) {
        expect([plain.status, proxied.status].every((status) => status >= 400)).toBe(true);
        continue;
      }
      expect(proxied.status).toBe(one.differs?.status ?? plain.status);
      const without = one.differs?.headers ?? [];
      expect(comparable(proxied, without)).toEqual(comparable(plain, without));
      if (!one.differs?.body) {
        expect(content(proxied)).toEqual(content(plain));
      }
    }
  });

  it("are sent by nginx, not by the registry", async () => {
    const response = await request(`${proxyUrl}${blob(known)}`, { headers: login });
    expect(response.status).toBe(200);
    // Version 2 and 3 send `Etag`, Go's way of writing it; nginx writes `ETag`.
    const { stdout } = await execa("curl", [
      "-si",
      "-o/dev/null",
      "-D-",
      ...(users !== "none" ? ["-u", `anna:${PASSWORD}`] : []),
      `${proxyUrl}${blob(known)}`,
    ]);
    expect(stdout).toContain("ETag:");
  });

  it.each(["GET", "HEAD"])("follow no link out of the volume: %s", async (method) => {
    for (const headers of [{}, { "If-None-Match": '"a"' }]) {
      const url = `${proxyUrl}/v2/team/app/blobs/${known.linked}`;
      const { status, text } = await request(url, { method, headers: { ...login, ...headers } });
      expect([403, 404]).toContain(status);
      expect(text).not.toContain("listen");
    }
  });

  it("are refused in the registry's words, never in HTML", async () => {
    const broken: Case[] = [
      { name: "headers that are too large", path: () => "/v2/", headers: () => ({ X: "a".repeat(40000) }) },
      { name: "an address that is too long", path: () => `/v2/${"a".repeat(40000)}` },
      { name: "a method that is none", path: () => "/v2/", method: "TRACE" },
      { name: "a delete with a body", path: blob, method: "DELETE", headers: header("Content-Length", "99999") },
    ];
    const pages = [];
    for (const one of [...cases, ...broken]) {
      const { status, headers } = await ask(proxyUrl, one);
      pages.push(...(/html/.test(headers["content-type"] ?? "") && status >= 400 ? [`${one.name}: ${status}`] : []));
    }
    expect(pages).toEqual([]);
  });

  it("are logged with the client's own address", async () => {
    const forged = { "X-Forwarded-For": "6.6.6.6", "X-Real-IP": "6.6.6.6" };
    await request(`${proxyUrl}/v2/team/app/manifests/forged`, { headers: { ...login, ...forged } });
    await eventually(async () => {
      const { all } = await execa("docker", ["logs", `${registry.id}-registry`], { all: true });
      const line = all?.split("\n").find((line) => line.includes("manifests/forged"));
      expect(line).toBeDefined();
      expect(line).not.toContain("6.6.6.6");
    }, 5000);
  });

  it("never show a client the redirect", async () => {
    for (const one of cases) {
      const { headers } = await ask(proxyUrl, one);
      expect(`${one.name}: ${headers.location ?? ""}`).not.toContain("blobs.invalid");
    }
  });

  if (isDirect) {
    it("send a manifest of which the type is known only while it is where it was", async () => {
      const path = "/v2/team/app/manifests/artifact";
      const pull = () => request(`${proxyUrl}${path}`, { headers: { ...login, Accept: OCI } });
      const plain = await request(`${plainUrl}${path}`, { headers: { ...login, Accept: OCI } });
      const data = `/data${blobFile(known.odd.artifact)}`;
      const folder = data.replace(/\/data$/, "");
      const changes: [string, string][] = [
        // The registry follows it; nginx must not, and asks.
        [`mv ${folder} /data/moved; ln -s /data/moved ${folder}`, `rm ${folder}; mv /data/moved ${folder}`],
        [`mv ${data} /data/moved; ln -s /data/moved ${data}`, `rm ${data}; mv /data/moved ${data}`],
        [`mv ${data} /data/moved; head -c 100 /data/moved >${data}`, `mv /data/moved ${data}`],
        [`mv ${data} /data/moved`, `mv /data/moved ${data}`],
      ];
      for (const [change, back] of changes) {
        expect(content(await pull())).toEqual(content(plain));
        await inVolume(change);
        const agent = `changed-${crypto.randomUUID()}`;
        await request(`${proxyUrl}${path}`, { headers: { ...login, Accept: OCI, "User-Agent": agent } });
        await eventually(async () => {
          const { stdout } = await execa("docker", ["logs", `${registry.id}-proxy`]);
          expect(stdout.split("\n").find((line) => line.includes(agent))).toContain("answered_by=registry");
        }, 5000);
        await inVolume(back);
      }
      expect(content(await pull())).toEqual(content(plain));
    });

    it("go on while the registry is down, and the proxy's health says so", async () => {
      const stop = (verb: string) => execa("docker", [verb, `${registry.id}-registry`]);
      const pulls: Case[] = cases.filter(({ name }) => GO_ON_ALONE.includes(name));
      expect(pulls.length).toBe(GO_ON_ALONE.length);
      const before = await Promise.all(pulls.map((one) => ask(proxyUrl, one)));
      await stop("stop");
      try {
        const during = await Promise.all(pulls.map((one) => ask(proxyUrl, one)));
        expect(during.map(({ status }) => status)).toEqual(before.map(({ status }) => status));
        expect(during.map((response) => [comparable(response), content(response)])).toEqual(
          before.map((response) => [comparable(response), content(response)]),
        );
        const unsure: Case = { name: "a tag that nobody knows", path: () => "/v2/team/app/manifests/none" };
        expect((await ask(proxyUrl, unsure)).status).toBe(502);
        const planted = cases.find(({ name }) => name === "manifest whose data is a link") as Case;
        expect((await ask(proxyUrl, planted)).status).toBe(502);
        if (users !== "none") {
          expect((await ask(proxyUrl, pulls[0], {})).status).toBe(401);
        }
        await eventually(async () => {
          const { Health } = (await inspect(`${registry.id}-proxy`)).State;
          expect(Health.Status).toBe("healthy");
          expect(Health.Log.at(-1).Output).toContain("pulls only: the registry does not answer");
        }, 20000);
      } finally {
        await stop("start");
      }
      await eventually(async () => {
        expect((await inspect(`${registry.id}-proxy`)).State.Health.Log.at(-1).Output).not.toContain("pulls only");
      }, 20000);
    });

    if (users === "none") {
      it("are never stale, whatever is pushed and deleted meanwhile", async () => {
        const { wrong, checked } = await pullsStayTrue(`${proxyUrl}/v2/moving/app`, 2);
        expect(wrong).toEqual([]);
        expect(checked).toBeGreaterThan(100);
      });
    }

    it("say in the log what has answered", async () => {
      const agent = `answered-${Date.now()}`;
      const known: [string, string][] = [
        ["GET of a blob", "200 .*upstream=- .*answered_by=files"],
        ["manifest by its tag", "200 .*upstream=- .*answered_by=files"],
        ["If-None-Match with the digest", "304 .*upstream=unix:.*answered_by=registry"],
        ["manifest that is missing", "404 .*upstream=unix:.*answered_by=registry"],
        ["a forged Host", "421 .*upstream=- .*answered_by=proxy"],
      ];
      for (const [name] of known) {
        const one = cases.find((one) => one.name === name);
        await ask(proxyUrl, { ...(one as Case), headers: (k) => ({ ...one?.headers?.(k), "User-Agent": agent }) });
      }
      await eventually(async () => {
        const { stdout } = await execa("docker", ["logs", `${registry.id}-proxy`]);
        const lines = stdout.split("\n").filter((line) => line.includes(agent));
        expect(lines.length).toBe(known.length);
        for (const [, pattern] of known) {
          expect(lines).toContainEqual(expect.stringMatching(new RegExp(pattern)));
        }
      }, 5000);
    });
  }

  if (users !== "none") {
    it.each(cases.map((one) => [one.name, one] as const))("give nothing without a login: %s", async (_, one) => {
      const [plain, proxied] = [await ask(plainUrl, one, {}), await ask(proxyUrl, one, {})];
      expect(proxied.body.length).toBeLessThan(1000);
      if (one.differs === FOREIGN_HOST) {
        expect(proxied.status).toBe(421);
      } else if (plain.status === 401) {
        expect(proxied.status).toBe(401);
        if (users === "at the registry") {
          expect(comparable(proxied)).toEqual(comparable(plain));
          expect(proxied.text).toBe(plain.text);
        }
      } else {
        expect(proxied.status).toBeGreaterThanOrEqual(300);
      }
    });
  }
});

/** Headers without those of the connection; the boundary of several parts is another each time. */
function comparable({ headers }: Response, without: string[] = []): Record<string, unknown> {
  const ignored = ["date", "server", "connection", "keep-alive", ...without];
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !ignored.includes(name))
      .map(([name, value]) => [name, String(value).replace(/boundary=.*/, "boundary=")])
      .sort(),
  );
}

/** The body; several parts as a list, without what is written between them. */
function content({ headers, body }: Response): unknown {
  const boundary = /boundary=(.*)/.exec(headers["content-type"] ?? "")?.[1];
  if (boundary === undefined) {
    // A megabyte that differs would keep the reporter of differences busy for minutes.
    return body.length < 10000 ? body.toString("latin1") : `${body.length} bytes, ${digest(body)}`;
  }
  return body
    .toString("latin1")
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const [head, ...rest] = part.split("\r\n\r\n");
      return { head: head.trim().split("\r\n").sort(), body: rest.join("\r\n\r\n") };
    });
}

function digest(body: Buffer): string {
  return crypto.createHash("sha256").update(body).digest("hex");
}
