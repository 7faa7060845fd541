import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import directPulls from "../../../../lib/proxy/njs/direct-pulls.js";

const OCI = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
const LIST = "application/vnd.docker.distribution.manifest.list.v2+json";

let root: string;

beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "direct-pulls-")));
});
afterEach(() => fs.rmSync(root, { recursive: true }));

const digestOf = (text: string) => `sha256:${crypto.createHash("sha256").update(text).digest("hex")}`;
const hexOf = (digest: string) => digest.slice(7);
const dataFile = (digest: string) => path.join(root, "blobs/sha256", hexOf(digest).slice(0, 2), hexOf(digest), "data");
const revisionLink = (digest: string) =>
  path.join(root, "repositories/team/app/_manifests/revisions/sha256", hexOf(digest), "link");
const tagLink = (tag: string) => path.join(root, "repositories/team/app/_manifests/tags", tag, "current/link");

function write(file: string, text: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}

/** As the registry writes a manifest. */
function push(text: string, tag = "1"): string {
  const digest = digestOf(text);
  write(dataFile(digest), text);
  write(revisionLink(digest), digest);
  write(tagLink(tag), digest);
  return digest;
}

const manifest = (more: object = {}) =>
  JSON.stringify({ schemaVersion: 2, mediaType: OCI, config: {}, layers: [], ...more });

function find(reference: string, headers: [string, string][] = [["Accept", OCI]], known?: Map<string, string>): any {
  return directPulls.findManifest(fs, { root, repository: "team/app", reference, headers, known });
}

/** What nginx' workers share. */
const shared: { manifests?: Map<string, string> } = {};
(globalThis as { ngx?: unknown }).ngx = { shared };

describe("a manifest", () => {
  test("is found by its tag and by its digest", () => {
    const text = manifest();
    const digest = push(text);
    for (const reference of ["1", digest]) {
      expect(find(reference)).toEqual({ status: 200, digest, type: OCI, body: Buffer.from(text) });
    }
  });

  test("keeps bytes that are no UTF-8", () => {
    const digest = push(manifest());
    const bytes = Buffer.concat([
      Buffer.from(manifest().slice(0, -1)),
      Buffer.from([0x2c, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    ]);
    fs.writeFileSync(dataFile(digest), bytes);
    expect(find("1")?.body).toEqual(bytes);
  });

  test("is left to the registry when tag or digest are unknown", () => {
    push(manifest());
    expect(find("2")).toBeUndefined();
    expect(find(digestOf("other"))).toBeUndefined();
  });

  test.each<[string, (digest: string) => void]>([
    ["a tag that names what the repository has lost", (digest) => fs.rmSync(revisionLink(digest))],
    ["a link with more than a digest", (digest) => write(tagLink("1"), `${digest}\n`)],
    ["half a link", (digest) => write(tagLink("1"), digest.slice(0, 40))],
    ["half a revision's link", (digest) => write(revisionLink(digest), digest.slice(0, 40))],
    ["data that is gone", (digest) => fs.rmSync(dataFile(digest))],
    ["empty data", (digest) => write(dataFile(digest), "")],
    ["half the data", (digest) => write(dataFile(digest), manifest().slice(0, 30))],
    ["more data than a registry takes", (digest) => write(dataFile(digest), manifest({ a: "a".repeat(4 << 20) }))],
  ])("is left to the registry: %s", (_, change) => {
    const digest = push(manifest());
    expect(find("1")?.status).toBe(200);
    change(digest);
    expect(find("1")).toBeUndefined();
  });

  test("is known to be under way while a link is empty, as version 2 leaves it for a moment", () => {
    for (const link of [tagLink("1"), revisionLink(push(manifest()))]) {
      push(manifest());
      write(link, "");
      expect(find("1")).toBe(directPulls.BEING_WRITTEN);
    }
  });

  test("is not read through a link that somebody planted", () => {
    const outside = path.join(root, "outside");
    const digest = push(manifest());
    const onTheWay = [dataFile(digest)];
    while (path.basename(onTheWay[0]) !== "blobs") {
      onTheWay.unshift(path.dirname(onTheWay[0]));
    }
    expect(onTheWay).toHaveLength(5);
    for (const planted of [...onTheWay, tagLink("1"), revisionLink(digest)]) {
      fs.renameSync(planted, outside);
      fs.symlinkSync(outside, planted);
      expect(find("1")).toBeUndefined();
      fs.rmSync(planted);
      fs.renameSync(outside, planted);
    }
    expect(find("1")?.status).toBe(200);
  });

  test("is not waited for where a folder or a pipe lies in its place", () => {
    const digest = push(manifest());
    fs.rmSync(dataFile(digest));
    fs.mkdirSync(dataFile(digest));
    expect(find("1")).toBeUndefined();
    fs.rmdirSync(dataFile(digest));
    execFileSync("mkfifo", [dataFile(digest)]);
    expect(find("1")).toBeUndefined();
  });
});

describe("a manifest that was found before", () => {
  let known: Map<string, string>;
  let digest: string;
  const again = (headers?: [string, string][]) => find("1", headers, known);

  beforeEach(() => {
    known = new Map();
    digest = push(manifest());
    expect(again()?.body).toEqual(Buffer.from(manifest()));
  });

  test("is sent by nginx, which is told of its type", () => {
    const hex = hexOf(digest);
    expect(again()).toEqual({ status: 200, digest, type: OCI, file: `${hex.slice(0, 2)}/${hex}` });
    expect(again([["Accept", INDEX]])).toBeUndefined();
    expect(
      again([
        ["Accept", OCI],
        ["If-None-Match", digest],
      ]),
    ).toEqual({ status: 304 });
  });

  test.each<[string, () => void]>([
    ["its tag is gone", () => fs.rmSync(tagLink("1"))],
    ["the repository has lost it", () => fs.rmSync(revisionLink(digest))],
    ["its data is gone", () => fs.rmSync(dataFile(digest))],
    ["its data is being written", () => write(dataFile(digest), manifest().slice(0, 30))],
    [
      "somebody planted a link",
      () => {
        fs.renameSync(dataFile(digest), path.join(root, "outside"));
        fs.symlinkSync(path.join(root, "outside"), dataFile(digest));
      },
    ],
  ])("is left to the registry when %s", (_, change) => {
    change();
    expect(again()).toBeUndefined();
  });

  test("is remembered by its digest: what a tag names is read each time", () => {
    const other = push(manifest({ mediaType: DOCKER }));
    expect(again()).toBeUndefined();
    expect(again([["Accept", DOCKER]])?.digest).toBe(other);
  });

  test("is not remembered where it has no type", () => {
    push("{}", "2");
    find("2", undefined, known);
    expect(known.size).toBe(1);
  });
});

describe("the type of a manifest", () => {
  test.each([
    ["its mediaType", manifest({ mediaType: DOCKER }), DOCKER],
    ["the mediaType of a list", manifest({ mediaType: LIST, manifests: [] }), LIST],
    ["the last mediaType, if there are two", `{"mediaType":"${LIST}","schemaVersion":2,"mediaType":"${OCI}"}`, OCI],
    ["an index without a mediaType", '{"schemaVersion":2,"manifests":[]}', INDEX],
    ["an image without a mediaType", '{"schemaVersion":2,"config":{},"layers":[]}', OCI],
  ])("is %s", (_, text, type) => {
    expect(directPulls.typeOf(text)).toBe(type);
  });

  test.each([
    ["schema 1", '{"schemaVersion":1,"name":"a","signatures":[]}'],
    ["no schema", `{"mediaType":"${OCI}"}`],
    ["a schema in words", `{"schemaVersion":"2","mediaType":"${OCI}"}`],
    ["another mediaType", '{"schemaVersion":2,"mediaType":"text/plain"}'],
    ["an empty mediaType", '{"schemaVersion":2,"mediaType":"","config":{},"layers":[]}'],
    ["a mediaType that is none", '{"schemaVersion":2,"mediaType":null,"config":{},"layers":[]}'],
    ["both an image and an index", '{"schemaVersion":2,"manifests":[],"layers":[]}'],
    ["neither", '{"schemaVersion":2}'],
    ["a key in another case, which Go takes too", `{"schemaVersion":2,"mediaType":"${OCI}","MediaType":"${INDEX}"}`],
    ["a key that Go folds to it", `{"schemaVersion":2,"mediaType":"${OCI}","\u017fchemaVersion":1}`],
    ["a list", "[2]"],
    ["nothing", "null"],
    ["a number", "2"],
    ["no JSON", "{"],
  ])("is not known for %s", (_, text) => {
    expect(directPulls.typeOf(text)).toBeUndefined();
  });
});

describe("Accept", () => {
  test.each([OCI, `${INDEX},${OCI}`, ` ${INDEX} , ${OCI} `, `${OCI};q=0.5`, `text/html, ${OCI} ; q=0, */*;q=0.1`])(
    "names the type: %s",
    (accept) => {
      expect(directPulls.accepts(accept, OCI)).toBe(true);
    },
  );

  test.each([
    "",
    "*/*",
    "application/*",
    INDEX,
    `${OCI}x`,
    `x${OCI}`,
    OCI.toUpperCase(),
    `"${OCI}"`,
    `${OCI};`,
    `${OCI};q`,
    `${OCI};a="b,c"`,
    OCI.slice(0, -5),
  ])("does not name the type for sure: %s", (accept) => {
    expect(directPulls.accepts(accept, OCI)).toBe(false);
  });

  test("may come in several headers, of any case", () => {
    push(manifest());
    expect(
      find("1", [
        ["accept", INDEX],
        ["ACCEPT", OCI],
      ])?.status,
    ).toBe(200);
    expect(find("1", [["Accept", INDEX]])).toBeUndefined();
    expect(find("1", [])).toBeUndefined();
  });
});

describe("If-None-Match", () => {
  const ask = (...values: string[]) => {
    const digest = push(manifest());
    const filled = values.map((value) => value.replace("DIGEST", digest));
    return find("1", [["Accept", OCI], ...filled.map((value): [string, string] => ["If-None-Match", value])])?.status;
  };

  test.each(['"DIGEST"', "DIGEST"])("is answered where it is exactly the digest: %s", (value) => {
    expect(ask(value)).toBe(304);
  });

  test.each(["*", 'W/"DIGEST"', '"a", "DIGEST"', '"a"', "", ' "DIGEST'])("is left to the registry: %s", (value) => {
    expect(ask(value)).toBeUndefined();
  });

  test("is left to the registry when it comes twice", () => {
    expect(ask('"a"', '"DIGEST"')).toBeUndefined();
  });

  test.each(["If-Match", "if-unmodified-since"])("is not all: with %s the registry answers", (name) => {
    push(manifest());
    expect(
      find("1", [
        ["Accept", OCI],
        [name, "*"],
      ]),
    ).toBeUndefined();
  });
});

describe("a request", () => {
  /** What nginx gives to a script, and what the script did with it. */
  const requestOf = (reference: string, headers: [string, string][] = [["Accept", OCI]]) => {
    const done: unknown[] = [];
    const variables: Record<string, string> = {
      registry_files: root,
      direct_repository: "team/app",
      direct_reference: reference,
      request_uri: `/v2/team/app/manifests/${reference}?ns=a`,
    };
    return {
      done,
      variables,
      rawHeadersIn: headers,
      headersOut: {} as Record<string, string>,
      status: 200,
      return: (...args: unknown[]) => done.push(["return", ...args]),
      internalRedirect: (uri: string) => done.push(["redirect", uri]),
      sendHeader: () => done.push(["header"]),
      finish: () => done.push(["finish"]),
    };
  };

  test("is answered with the registry's headers", () => {
    const digest = push(manifest());
    const r = requestOf("1");
    directPulls.manifest(r);
    expect(r.done).toEqual([["return", 200, Buffer.from(manifest())]]);
    expect(r.headersOut).toEqual({ "Content-Type": OCI, "Docker-Content-Digest": digest, ETag: `"${digest}"` });
  });

  test("for a manifest that was found before is answered by nginx, from the file", () => {
    const digest = push(manifest());
    const hex = hexOf(digest);
    shared.manifests = new Map();
    directPulls.manifest(requestOf("1"));
    const r = requestOf("1");
    directPulls.manifest(r);
    shared.manifests = undefined;
    expect(r.done).toEqual([["redirect", "/_direct/manifest-file"]]);
    expect(r.variables.manifest_file).toBe(`${hex.slice(0, 2)}/${hex}`);
    expect(r.headersOut).toEqual({ "Content-Type": OCI, "Docker-Content-Digest": digest, ETag: `"${digest}"` });
  });

  test("that is not sure goes to the registry as it came, once", () => {
    const r = requestOf("2");
    directPulls.manifest(r);
    expect(r.done).toEqual([["redirect", "/v2/team/app/manifests/2?ns=a"]]);
    expect(r.variables.asks_registry).toBe("1");
    expect(r.headersOut).toEqual({});
  });

  test("waits for a link that is being written, and asks the registry when it stays empty", async () => {
    const digest = push(manifest());
    write(tagLink("1"), "");
    const [written, stuck] = [requestOf("1"), requestOf("1")];
    directPulls.manifest(written);
    expect(written.done).toEqual([]);
    write(tagLink("1"), digest);
    await sleep(50);
    expect(written.done).toEqual([["return", 200, Buffer.from(manifest())]]);
    write(tagLink("1"), "");
    directPulls.manifest(stuck);
    await sleep(1500);
    expect(stuck.done).toEqual([["redirect", stuck.variables.request_uri]]);
  });

  test("for what the client has gets no body, and no headers of one", () => {
    const digest = push(manifest());
    const r = requestOf("1", [
      ["Accept", OCI],
      ["If-None-Match", digest],
    ]);
    directPulls.manifest(r);
    expect(r.status).toBe(304);
    expect(r.done).toEqual([["header"], ["finish"]]);
    expect(r.headersOut).toEqual({});
  });

  test("for the API's root gets what the registry answers", () => {
    const r = requestOf("");
    directPulls.root(r);
    expect(r.done).toEqual([["return", 200, "{}"]]);
    expect(r.headersOut).toEqual({ "Content-Type": "application/json" });
  });

  test("for the API's root with a condition goes to the registry", () => {
    const r = requestOf("", [["If-None-Match", "*"]]);
    directPulls.root(r);
    expect(r.done).toEqual([["redirect", r.variables.request_uri]]);
  });
});
