import crypto from "node:crypto";
import { blobFile, type TestImage } from "../../testing/clients/images";
import { API_ONLY, type Case, type Difference, FOREIGN_HOST, header, type Known } from "./blob-cases";

const OCI = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
const LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
const ALL = [OCI, INDEX, DOCKER, LIST];

const digestOf = (text: string) => `sha256:${crypto.createHash("sha256").update(text).digest("hex")}`;

/** A name as long as a repository may have, and one that is longer. */
const LONGEST_NAME = `${"ab/".repeat(84)}abc`;
const TOO_LONG_NAME = `${"ab/".repeat(84)}abcd`;
const LONGEST_TAG = `_${"a.-".repeat(42)}b`;

/** Repositories of every form that the grammar has, each with the image `1`. */
const NAMES = ["a", "0", "a.b/c_d/e__f/g-h/i---j", "manifests/blobs/tags", LONGEST_NAME];

/** What a link says that is not as the registry writes it. */
const ODD_LINKS: { readonly [tag: string]: (digest: string) => string } = {
  "empty-link": () => "",
  "half-a-link": (digest) => digest.slice(0, 30),
  "a-link-with-a-newline": (digest) => `${digest}\n`,
  "a-link-in-capitals": (digest) => `sha256:${digest.slice(7).toUpperCase()}`,
  "a-link-of-another-algorithm": () => `sha512:${"0".repeat(128)}`,
  "a-link-to-nothing": () => digestOf("nothing"),
};

/** Manifests that are not like the image `1`, by tag. */
function manifests(app: TestImage): { [tag: string]: string } {
  const config = { mediaType: "application/vnd.oci.image.config.v1+json", ...app.config };
  const image = { schemaVersion: 2, config, layers: [] };
  const docker = JSON.stringify({ ...image, mediaType: DOCKER });
  const platform = { architecture: "amd64", os: "linux" };
  const child = { mediaType: DOCKER, size: docker.length, digest: digestOf(docker), platform };
  const list = { schemaVersion: 2, manifests: [child] };
  const empty = { mediaType: "application/vnd.oci.empty.v1+json", digest: digestOf("{}"), size: 2 };
  const subject = { mediaType: OCI, ...app.manifest };
  return {
    docker,
    list: JSON.stringify({ ...list, mediaType: LIST }),
    index: JSON.stringify({ ...list, mediaType: INDEX }),
    bare: JSON.stringify(image),
    "bare-index": JSON.stringify(list),
    "bare-with-a-key-of-its-own": JSON.stringify({ ...image, comment: "none" }),
    artifact: JSON.stringify({
      ...image,
      mediaType: OCI,
      artifactType: "text/x",
      config: empty,
      layers: [empty],
      subject,
    }),
    pretty: JSON.stringify({ ...image, mediaType: OCI }, null, 3),
    "other-letters": JSON.stringify({ ...image, mediaType: OCI, annotations: { a: "\u00e4\u2028\ud83d\ude00" } }),
    "schema-1": JSON.stringify({
      schemaVersion: 1,
      name: "team/app",
      tag: "1",
      fsLayers: [],
      history: [],
      signatures: [],
    }),
    "no-schema": JSON.stringify({ mediaType: OCI, config, layers: [] }),
    "other-type": JSON.stringify({ ...image, mediaType: "text/plain" }),
    "key-in-another-case": `{"schemaVersion":2,"MediaType":"${INDEX}","manifests":[]}`,
    "key-twice": `{"schemaVersion":2,"mediaType":"${INDEX}","mediaType":"${OCI}","config":${JSON.stringify(config)},"layers":[]}`,
    neither: '{"schemaVersion":2}',
    "no-json": "no JSON",
    "a-list": "[]",
  };
}

/** Tags that lack something; what, is a file below `_manifests` or among the blobs. */
const LACKING = ["no-revision", "empty-revision", "other-revision", "no-data", "empty-data", "half-the-data"];

/** Everything that {@link MANIFEST_CASES} ask for beside the image `1`, as commands that write it into a volume. */
export function oddManifests(app: TestImage) {
  const commands: string[] = [];
  const digests: { [tag: string]: string } = {};
  const write = (file: string, text: string) =>
    commands.push(`mkdir -p "$root${file.slice(0, file.lastIndexOf("/"))}" && printf %s '${text}' >"$root${file}"`);
  const folder = (name: string) => `/docker/registry/v2/repositories/${name}/_manifests`;
  const tagLink = (name: string, tag: string) => `${folder(name)}/tags/${tag}/current/link`;
  const revisionLink = (name: string, digest: string) => `${folder(name)}/revisions/sha256/${digest.slice(7)}/link`;
  const push = (tag: string, text: string, name = "team/app") => {
    const digest = digestOf(text);
    digests[tag] = digest;
    write(blobFile(digest), text);
    write(revisionLink(name, digest), digest);
    write(tagLink(name, tag), digest);
    return digest;
  };
  for (const [tag, text] of Object.entries(manifests(app))) {
    push(tag, text);
  }
  const { docker } = manifests(app);
  for (const name of NAMES) {
    push("1", docker, name);
  }
  write(
    `/docker/registry/v2/repositories/${LONGEST_NAME}/_layers/sha256/${app.config.digest.slice(7)}/link`,
    app.config.digest,
  );
  push(LONGEST_TAG, docker);
  push("foreign", docker.replace("layers", "tensors"), "foreign/app");
  for (const [tag, link] of Object.entries(ODD_LINKS)) {
    push(tag, docker);
    write(tagLink("team/app", tag), link(digestOf(docker)));
  }
  for (const tag of LACKING) {
    const text = docker.replace("{", `{"a":"${tag}",`);
    const digest = push(tag, text);
    const revision = revisionLink("team/app", digest);
    const change: { [tag: string]: () => void } = {
      "no-revision": () => commands.push(`rm "$root${revision}"`),
      "empty-revision": () => write(revision, ""),
      "other-revision": () => write(revision, digestOf(docker)),
      "no-data": () => commands.push(`rm "$root${blobFile(digest)}"`),
      "empty-data": () => write(blobFile(digest), ""),
      "half-the-data": () => write(blobFile(digest), text.slice(0, 50)),
    };
    change[tag]();
  }
  // The registry follows it; nginx must not.
  const planted = push("planted", docker.replace("{", '{"a":"planted",'));
  commands.push(`mv "$root${blobFile(planted)}" "$root/planted"`);
  commands.push(`ln -s ../../../../../../../planted "$root${blobFile(planted)}"`);
  const script = (root: string) => `set -e\nroot=${root}\n${commands.join("\n")}`;
  return { digests, script };
}

const NAME_IN_CACHE: Difference = {
  because: "the cache of a registry refuses it otherwise than the storage",
  isRefused: true,
};
const SIGNED_ANEW: Difference = { because: "version 2 signs it with a key that each process makes", body: true };

const GIVES_WHAT_WAS_ASKED_FOR: Difference = {
  because:
    "the registry follows a link that is in the wrong place to another manifest; nginx looks at its name and length",
  headers: ["content-length", "docker-content-digest", "etag"],
  body: true,
};

const GIVES_JSON_A_CHARSET: Difference = { because: "version 2 gives JSON a charset", headers: ["content-type"] };

const manifest = (reference: string) => () => `/v2/team/app/manifests/${reference}`;
const digestIn = (tag: string) => (known: Known) => `/v2/team/app/manifests/${known.odd[tag]}`;
const accept = (...values: string[]) => ({ Accept: values.join(", ") });
const all = () => accept(...ALL);
const acceptingAnd = (more: (known: Known) => Record<string, string | string[]>) => (known: Known) => ({
  ...all(),
  ...more(known),
});

const byTagAndDigest: Case[] = Object.keys(manifests({ config: {}, manifest: {} } as TestImage)).flatMap((tag) => {
  const differs = tag === "schema-1" ? SIGNED_ANEW : undefined;
  return [
    { name: `manifest ${tag}, by its tag`, path: manifest(tag), headers: all, differs },
    { name: `manifest ${tag}, by its digest`, path: digestIn(tag), headers: all, differs },
  ];
});

const broken: Case[] = [
  ...Object.keys(ODD_LINKS).map((tag) => ({ name: `manifest with ${tag}`, path: manifest(tag), headers: all })),
  ...LACKING.flatMap((tag) => {
    const differs = tag === "other-revision" ? GIVES_WHAT_WAS_ASKED_FOR : undefined;
    return [
      { name: `manifest with ${tag}, by its tag`, path: manifest(tag), headers: all, differs },
      { name: `manifest with ${tag}, by its digest`, path: digestIn(tag), headers: all, differs },
    ];
  }),
];

const ACCEPTS: { readonly [name: string]: string | string[] | undefined } = {
  none: undefined,
  "an empty one": "",
  "the type only": OCI,
  "another type only": DOCKER,
  anything: "*/*",
  "anything of a kind": "application/*",
  "the type with a weight": `${OCI};q=0.5, ${DOCKER};q=0.9`,
  "the type with a weight of nothing": `${OCI};q=0`,
  "the type in capitals": OCI.toUpperCase(),
  "the type among blanks": `  text/html  ,\t${OCI}  ; q=1`,
  "the type with a broken parameter": `${OCI};q`,
  "the type in quotes": `"${OCI}"`,
  "the type within another": `${OCI}x`,
  "a list with commas only": ",,,",
  "headers as docker sends them": ALL,
};

const accepted: Case[] = Object.entries(ACCEPTS).flatMap(([name, value]) => [
  {
    name: `manifest, Accept: ${name}`,
    path: manifest("1"),
    headers: (): Record<string, string | string[]> => (value === undefined ? {} : { Accept: value }),
  },
]);

const kinds: Case[] = ["docker", "list", "index", "bare", "bare-index"].flatMap((tag) => [
  { name: `${tag} for a client that takes OCI images only`, path: manifest(tag), headers: () => accept(OCI) },
  { name: `${tag} for a client that takes Docker images only`, path: manifest(tag), headers: () => accept(DOCKER) },
  { name: `${tag} for a client that takes anything`, path: digestIn(tag), headers: () => accept("*/*") },
]);

const named: Case[] = NAMES.map((name) => ({
  name: `manifest of ${name.slice(0, 30)}`,
  path: () => `/v2/${name}/manifests/1`,
  headers: all,
}));

export const MANIFEST_CASES: Case[] = [
  { name: "the API's root", path: () => "/v2/", differs: GIVES_JSON_A_CHARSET },
  { name: "HEAD of the API's root", path: () => "/v2/", method: "HEAD", differs: GIVES_JSON_A_CHARSET },
  { name: "the API's root with a query", path: () => "/v2/?a=b", differs: GIVES_JSON_A_CHARSET },
  {
    name: "the API's root with If-None-Match",
    path: () => "/v2/",
    headers: header("If-None-Match", "*"),
    differs: GIVES_JSON_A_CHARSET,
  },
  {
    name: "the API's root with a range",
    path: () => "/v2/",
    headers: header("Range", "bytes=0-0"),
    differs: GIVES_JSON_A_CHARSET,
  },
  { name: "POST to the API's root", path: () => "/v2/", method: "POST" },
  {
    name: "the API's root with a forged Host",
    path: () => "/v2/",
    headers: header("Host", "evil.example.com"),
    differs: FOREIGN_HOST,
  },

  { name: "manifest by its tag", path: manifest("1"), headers: all },
  { name: "manifest by its digest", path: ({ manifest }) => `/v2/team/app/manifests/${manifest}`, headers: all },
  { name: "HEAD of a manifest", path: manifest("1"), method: "HEAD", headers: all },
  { name: "HEAD of a manifest by its digest", path: digestIn("docker"), method: "HEAD", headers: all },
  { name: "manifest with a query", path: manifest("1?ns=docker.io&a=%2e%2e"), headers: all },
  { name: "manifest that is missing", path: manifest("none"), headers: all },
  { name: "HEAD of a manifest that is missing", path: manifest("none"), method: "HEAD", headers: all },
  {
    name: "manifest that is missing, by its digest",
    path: ({ missing }) => `/v2/team/app/manifests/${missing}`,
    headers: all,
  },
  { name: "manifest of a repository that is missing", path: () => "/v2/no/such/manifests/1", headers: all },
  { name: "manifest of another repository", path: digestIn("foreign"), headers: all },
  ...byTagAndDigest,
  { name: "manifest whose data is a link", path: manifest("planted"), headers: all },
  ...broken,
  ...accepted,
  ...kinds,

  ...named,
  { name: "a blob of a repository with the longest name", path: ({ config }) => `/v2/${LONGEST_NAME}/blobs/${config}` },
  {
    name: "manifest of a name that is too long",
    path: () => `/v2/${TOO_LONG_NAME}/manifests/1`,
    headers: all,
    differs: NAME_IN_CACHE,
  },
  { name: "manifest of a name in capitals", path: () => "/v2/Team/app/manifests/1", headers: all },
  { name: "manifest of a name with a port", path: () => "/v2/localhost:5000/app/manifests/1", headers: all },
  { name: "manifest of a name with three underscores", path: () => "/v2/a___b/manifests/1", headers: all },
  { name: "manifest of a name that begins with a dot", path: () => "/v2/.a/manifests/1", headers: all },
  { name: "manifest of a name that ends with a hyphen", path: () => "/v2/a-/manifests/1", headers: all },
  { name: "manifest of no name", path: () => "/v2/manifests/1", headers: all },
  { name: "manifest with the longest tag", path: manifest(LONGEST_TAG), headers: all },
  { name: "manifest with a tag that is too long", path: manifest(`${LONGEST_TAG}b`), headers: all },
  { name: "manifest with a tag that begins with a dot", path: manifest(".1"), headers: all },
  { name: "manifest with a tag of dots", path: manifest("1..1"), headers: all },
  { name: "manifest without a tag", path: manifest(""), headers: all },
  { name: "manifest with a slash at the end", path: manifest("1/"), headers: all },
  {
    name: "manifest with a digest in capitals",
    path: (k) => `/v2/team/app/manifests/sha256:${k.manifest.slice(7).toUpperCase()}`,
    headers: all,
  },
  {
    name: "manifest with a digest that is too short",
    path: ({ manifest }) => `/v2/team/app/manifests/${manifest.slice(0, -2)}`,
    headers: all,
  },
  { name: "manifest by an encoded tag", path: manifest("%31"), headers: all },
  { name: "manifest of an encoded name", path: () => "/v2/team%2fapp/manifests/1", headers: all },
  {
    name: "manifest by an encoded digest",
    path: ({ manifest }) => `/v2/team/app/manifests/${manifest.replace(":", "%3a")}`,
    headers: all,
  },
  {
    name: "manifest with dots to its link",
    path: manifest("1/../1"),
    headers: all,
    differs: { because: "both redirect", headers: ["location"], body: true },
  },
  {
    name: "manifest with double slashes",
    path: () => "/v2/team//app/manifests/1",
    headers: all,
    differs: { because: "both redirect", headers: [] },
  },
  { name: "manifest with an encoded question mark", path: manifest("1%3fns=a"), headers: all },

  ...['"DIGEST"', "DIGEST", 'W/"DIGEST"', '"a", "DIGEST"', "*", '"a"', ""].flatMap((value) => [
    {
      name: `manifest by its tag with If-None-Match: ${value}`,
      path: manifest("1"),
      headers: acceptingAnd(({ manifest }) => ({ "If-None-Match": value.replace("DIGEST", manifest) })),
    },
    {
      name: `HEAD of a manifest by its digest with If-None-Match: ${value}`,
      path: ({ manifest }: Known) => `/v2/team/app/manifests/${manifest}`,
      method: "HEAD",
      headers: acceptingAnd(({ manifest }) => ({ "If-None-Match": value.replace("DIGEST", manifest) })),
    },
  ]),
  {
    name: "manifest that is missing with If-None-Match: *",
    path: manifest("none"),
    headers: acceptingAnd(header("If-None-Match", "*")),
  },
  {
    name: "manifest with If-None-Match, not accepted",
    path: manifest("1"),
    headers: (k) => ({ "If-None-Match": `"${k.manifest}"` }),
  },
  { name: "manifest with If-Match", path: manifest("1"), headers: acceptingAnd(header("If-Match", '"a"')) },
  {
    name: "manifest with If-Modified-Since",
    path: manifest("1"),
    headers: acceptingAnd(header("If-Modified-Since", "Wed, 21 Oct 2099 07:28:00 GMT")),
  },
  {
    name: "manifest with If-Unmodified-Since",
    path: manifest("1"),
    headers: acceptingAnd(header("If-Unmodified-Since", "Wed, 21 Oct 2015 07:28:00 GMT")),
  },
  { name: "manifest with a range", path: manifest("1"), headers: acceptingAnd(header("Range", "bytes=0-9")) },
  {
    name: "manifest with a range behind its end",
    path: manifest("1"),
    headers: acceptingAnd(header("Range", "bytes=99999-")),
  },
  {
    name: "manifest for a client that compresses",
    path: manifest("1"),
    headers: acceptingAnd(header("Accept-Encoding", "gzip")),
  },

  { name: "POST to a manifest", path: manifest("1"), method: "POST", headers: all },
  { name: "PATCH of a manifest", path: manifest("1"), method: "PATCH", headers: all },
  { name: "OPTIONS on a manifest", path: manifest("1"), method: "OPTIONS", headers: all },
  {
    name: "DELETE of a manifest that is missing",
    path: ({ missing }) => `/v2/team/app/manifests/${missing}`,
    method: "DELETE",
  },
  { name: "the list of tags", path: () => "/v2/no/such/tags/list" },
  { name: "the location of direct blobs", path: () => "/_direct/blob", differs: API_ONLY },
  { name: "the location of direct manifests", path: () => "/_direct/manifest", headers: all, differs: API_ONLY },
];
