import crypto from "node:crypto";
import path from "node:path";
import bcrypt from "bcryptjs";
import execa from "execa";
import { images } from "../../environments/images";
import { Access, HtpasswdAuth, HtpasswdUser, type IProxyAuth, type IRegistryAuth } from "../../lib";
import { Crane } from "../../testing/clients/clients";
import { basicAuth, type Request, type Response, request } from "../../testing/clients/http";
import { blobFile, MiB, TestImage } from "../../testing/clients/images";
import { Deployment } from "../../testing/machine/deployment";
import { eventually } from "../../testing/machine/eventually";
import { freePorts } from "../../testing/machine/ports";
import { adjustedRegistry } from "../../testing/stacks/adjusted-registry";
import { runPlainRegistry } from "../../testing/stacks/plain-registry";

/** One request, sent to the plain registry and to the proxy. */
interface Case {
  readonly name: string;
  readonly method?: string;
  readonly path: (known: Known) => string;
  readonly headers?: (known: Known) => Record<string, string>;
  /** What the proxy may answer otherwise, and why. */
  readonly differs?: Difference;
}

interface Difference {
  readonly because: string;
  /** The proxy's status; the same as the registry's when left out. */
  readonly status?: number;
  readonly headers?: string[];
  readonly body?: true;
}

interface Known {
  /** Digest of a layer of `team/app`. */
  readonly blob: string;
  readonly size: number;
  readonly config: string;
  readonly manifest: string;
  /** A digest that nobody has. */
  readonly missing: string;
  /** A digest that was deleted from `team/app`. */
  readonly deleted: string;
  /** A blob that `team/app` has and whose file is gone. */
  readonly vanished: string;
  /** A blob that `team/app` has and whose file is a link to the proxy's configuration. */
  readonly linked: string;
  /** A blob of `other/app` only. */
  readonly foreign: string;
  /** The file of the layer, below the registry's data. */
  readonly file: string;
}

const NO_ACCEPT_RANGES: Difference = {
  because: "nginx tells that it knows ranges in full answers only; a 206 says so by itself",
  headers: ["accept-ranges"],
};
const OWN_WORDS: Difference = {
  because: "the text is for people; nginx has its own",
  headers: [
    "content-type",
    "content-length",
    "cache-control",
    "etag",
    "docker-distribution-api-version",
    "x-content-type-options",
  ],
  body: true,
};
const API_ONLY: Difference = {
  because: "the proxy serves the registry's API and nothing else",
  status: 404,
  headers: [...(OWN_WORDS.headers ?? []), "location"],
  body: true,
};
const FAILED_PRECONDITION: Difference = {
  because: "the registry announces the blob's length with its 412 but sends no body, and a GET is cut",
  headers: ["content-type", "content-length", "cache-control", "etag", "docker-content-digest"],
  body: true,
};

const FOREIGN_HOST: Difference = {
  because: "a browser may take a page's own name for this address",
  status: 421,
  headers: [...(OWN_WORDS.headers ?? []), "accept-ranges", "docker-content-digest", "www-authenticate"],
  body: true,
};

const GONE: Difference = { because: "version 2 gives JSON a charset", headers: ["content-type"] };

const blob = ({ blob }: Known) => `/v2/team/app/blobs/${blob}`;
const header = (name: string, value: string | ((known: Known) => string)) => (known: Known) => ({
  [name]: typeof value === "string" ? value : value(known),
});
const etag = ({ blob }: Known) => `"${blob}"`;

const CASES: Case[] = [
  { name: "GET of a blob", path: blob },
  { name: "HEAD of a blob", path: blob, method: "HEAD" },
  { name: "GET of an image's configuration", path: ({ config }) => `/v2/team/app/blobs/${config}` },
  { name: "GET with a query", path: (known) => `${blob(known)}?ns=docker.io` },

  { name: "the first bytes", path: blob, headers: header("Range", "bytes=0-99"), differs: NO_ACCEPT_RANGES },
  { name: "the last bytes", path: blob, headers: header("Range", "bytes=-100"), differs: NO_ACCEPT_RANGES },
  { name: "from a byte on", path: blob, headers: header("Range", "bytes=1000-"), differs: NO_ACCEPT_RANGES },
  { name: "a range past the end", path: blob, headers: header("Range", "bytes=9-99999999"), differs: NO_ACCEPT_RANGES },
  {
    name: "the length of a range",
    path: blob,
    method: "HEAD",
    headers: header("Range", "bytes=0-9"),
    differs: NO_ACCEPT_RANGES,
  },
  {
    name: "several ranges",
    path: blob,
    headers: header("Range", "bytes=5-9,100-200,-7"),
    differs: { because: "the parts are the same, their frame is not", headers: ["accept-ranges", "content-length"] },
  },
  { name: "ranges that are more than the whole", path: blob, headers: header("Range", "bytes=0-,0-,0-") },
  { name: "a range behind the end", path: blob, headers: header("Range", "bytes=99999999-"), differs: OWN_WORDS },
  {
    name: "a range that is none",
    path: blob,
    headers: header("Range", "bytes=abc"),
    differs: { ...OWN_WORDS, headers: [...(OWN_WORDS.headers ?? []), "content-range"] },
  },
  {
    name: "a range of another unit",
    path: blob,
    headers: header("Range", "pages=1-2"),
    differs: {
      because: "a unit that a server does not know is to be ignored (RFC 9110, 14.2); the registry refuses it",
      status: 200,
      headers: ["content-type", "content-length", "cache-control", "etag", "accept-ranges"],
      body: true,
    },
  },

  { name: "If-None-Match with the digest", path: blob, headers: header("If-None-Match", etag) },
  { name: "HEAD, If-None-Match with the digest", path: blob, method: "HEAD", headers: header("If-None-Match", etag) },
  {
    name: "If-None-Match with the digest as a weak tag",
    path: blob,
    headers: header("If-None-Match", (k) => `W/${etag(k)}`),
  },
  {
    name: "If-None-Match with the digest in a list",
    path: blob,
    headers: header("If-None-Match", (k) => `"a", ${etag(k)}`),
  },
  { name: "If-None-Match with anything", path: blob, headers: header("If-None-Match", "*") },
  { name: "If-None-Match with another digest", path: blob, headers: header("If-None-Match", '"sha256:0"') },
  {
    name: "If-None-Match on a blob that is missing",
    path: ({ missing }) => `/v2/team/app/blobs/${missing}`,
    headers: header("If-None-Match", "*"),
  },
  { name: "If-Match with the digest", path: blob, headers: header("If-Match", etag) },
  {
    name: "HEAD, If-Match with another digest",
    path: blob,
    method: "HEAD",
    headers: header("If-Match", '"sha256:0"'),
    differs: FAILED_PRECONDITION,
  },
  {
    name: "HEAD, If-Match with the digest as a weak tag",
    path: blob,
    method: "HEAD",
    headers: header("If-Match", (k) => `W/${etag(k)}`),
    differs: FAILED_PRECONDITION,
  },
  {
    name: "If-Match with the digest, and a range",
    path: blob,
    headers: (known) => ({ "If-Match": etag(known), Range: "bytes=3-8" }),
    differs: NO_ACCEPT_RANGES,
  },
  {
    name: "If-Range with the digest",
    path: blob,
    headers: (k) => ({ "If-Range": etag(k), Range: "bytes=0-9" }),
    differs: NO_ACCEPT_RANGES,
  },
  {
    name: "If-Range with another digest",
    path: blob,
    headers: () => ({ "If-Range": '"sha256:0"', Range: "bytes=0-9" }),
  },
  {
    name: "If-Range with a date",
    path: blob,
    headers: () => ({ "If-Range": "Wed, 21 Oct 2015 07:28:00 GMT", Range: "bytes=0-9" }),
  },
  { name: "If-Modified-Since", path: blob, headers: header("If-Modified-Since", "Wed, 21 Oct 2099 07:28:00 GMT") },
  { name: "If-Unmodified-Since", path: blob, headers: header("If-Unmodified-Since", "Wed, 21 Oct 2015 07:28:00 GMT") },

  { name: "a blob that is missing", path: ({ missing }) => `/v2/team/app/blobs/${missing}` },
  { name: "HEAD of a blob that is missing", path: ({ missing }) => `/v2/team/app/blobs/${missing}`, method: "HEAD" },
  { name: "a blob that was deleted", path: ({ deleted }) => `/v2/team/app/blobs/${deleted}` },
  { name: "a blob whose file is gone", path: ({ vanished }) => `/v2/team/app/blobs/${vanished}`, differs: GONE },
  {
    name: "HEAD of a blob whose file is gone",
    path: ({ vanished }) => `/v2/team/app/blobs/${vanished}`,
    differs: GONE,
    method: "HEAD",
  },
  {
    name: "If-None-Match on a blob whose file is gone",
    path: ({ vanished }) => `/v2/team/app/blobs/${vanished}`,
    differs: GONE,
    headers: header("If-None-Match", '"a"'),
  },
  { name: "a blob of another repository", path: ({ foreign }) => `/v2/team/app/blobs/${foreign}` },
  { name: "a blob of a repository that is missing", path: ({ blob }) => `/v2/no/such/blobs/${blob}` },
  { name: "a digest in capitals", path: ({ blob }) => `/v2/team/app/blobs/${blob.toUpperCase()}` },
  { name: "a digest that is too short", path: ({ blob }) => `/v2/team/app/blobs/${blob.slice(0, -2)}` },
  { name: "a digest of another algorithm", path: ({ blob }) => `/v2/team/app/blobs/${blob.replace("sha256", "md5")}` },
  { name: "an upload that is missing", path: () => "/v2/team/app/blobs/uploads/00000000-0000-0000-0000-000000000000" },

  { name: "encoded slashes", path: ({ blob }) => `/v2/team%2fapp/blobs/${blob}` },
  { name: "an encoded colon", path: ({ blob }) => `/v2/team/app/blobs/${blob.replace(":", "%3A")}` },
  { name: "encoded dots to the blob's file", path: ({ file }) => `/v2/%2e%2e${file}`, differs: API_ONLY },
  { name: "dots to the blob's file", path: ({ file }) => `/v2/../..${file}`, differs: { ...API_ONLY, status: 400 } },
  { name: "dots in a digest", path: ({ file }) => `/v2/team/app/blobs/sha256:..%2f..%2f..${file}` },
  {
    name: "double slashes",
    path: ({ blob }) => `/v2//team/app/blobs/${blob}`,
    differs: { because: "both redirect", headers: [] },
  },
  { name: "the path of the blob's file", path: ({ file }) => file, differs: API_ONLY },
  { name: "the name of an internal location", path: () => "/@blob", differs: API_ONLY },

  {
    name: "a forged Location",
    path: ({ foreign }) => `/v2/team/app/blobs/${foreign}`,
    headers: header("Location", ({ file }) => `http://blobs.invalid${file}`),
  },
  { name: "a forged Location on a blob", path: blob, headers: header("Location", "http://blobs.invalid/etc/passwd") },
  {
    name: "a forged X-Accel-Redirect",
    path: ({ foreign }) => `/v2/team/app/blobs/${foreign}`,
    headers: header("X-Accel-Redirect", ({ file }) => file),
  },
  {
    name: "a forged X-Original-URI",
    path: ({ foreign }) => `/v2/team/app/blobs/${foreign}`,
    headers: header("X-Original-URI", blob),
  },
  {
    name: "a forged Host",
    path: blob,
    headers: header("Host", "blobs.invalid"),
    differs: FOREIGN_HOST,
  },
  {
    name: "a forged X-Forwarded-Host",
    path: ({ foreign }) => `/v2/team/app/blobs/${foreign}`,
    headers: header("X-Forwarded-Host", "blobs.invalid"),
  },

  { name: "POST on a blob", path: blob, method: "POST" },
  { name: "PUT on a blob", path: blob, method: "PUT" },
  { name: "PATCH on a blob", path: blob, method: "PATCH" },
  { name: "OPTIONS on a blob", path: blob, method: "OPTIONS" },
  {
    name: "DELETE of a blob that is missing",
    path: ({ missing }) => `/v2/team/app/blobs/${missing}`,
    method: "DELETE",
  },

  { name: "the API's root", path: () => "/v2/" },
  {
    name: "a manifest",
    path: () => "/v2/team/app/manifests/1",
    headers: header("Accept", "application/vnd.oci.image.manifest.v1+json"),
  },
  {
    name: "a manifest that is known",
    path: () => "/v2/team/app/manifests/1",
    headers: (k) => ({ Accept: "application/vnd.oci.image.manifest.v1+json", "If-None-Match": `"${k.manifest}"` }),
  },
  { name: "a manifest that is missing", path: () => "/v2/team/app/manifests/none" },
  { name: "the list of tags", path: () => "/v2/team/app/tags/list" },
];

const PASSWORD = "correct horse";
const HASH = bcrypt.hashSync(PASSWORD, 10);
const HTPASSWD = `anna:${HASH}`;

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

  it.each(CASES.map((one) => [one.name, one] as const))("answer as the registry alone: %s", async (_, one) => {
    const [plain, proxied] = [await ask(plainUrl, one), await ask(proxyUrl, one)];
    expect(proxied.status).toBe(one.differs?.status ?? plain.status);
    const without = one.differs?.headers ?? [];
    expect(comparable(proxied, without)).toEqual(comparable(plain, without));
    if (!one.differs?.body) {
      expect(content(proxied)).toEqual(content(plain));
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
    for (const one of [...CASES, ...broken]) {
      const { status, headers } = await ask(proxyUrl, one);
      pages.push(...(/html/.test(headers["content-type"] ?? "") ? [`${one.name}: ${status}`] : []));
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
    for (const one of CASES) {
      const { headers } = await ask(proxyUrl, one);
      expect(`${one.name}: ${headers.location ?? ""}`).not.toContain("blobs.invalid");
    }
  });

  if (users !== "none") {
    it.each(CASES.map((one) => [one.name, one] as const))("give nothing without a login: %s", async (_, one) => {
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
