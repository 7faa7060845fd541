/** One request, sent to the plain registry and to the proxy. */
export interface Case {
  readonly name: string;
  readonly method?: string;
  readonly path: (known: Known) => string;
  readonly headers?: (known: Known) => Record<string, string | string[]>;
  /** What the proxy may answer otherwise, and why. */
  readonly differs?: Difference;
}

export interface Difference {
  readonly because: string;
  /** The proxy's status; the same as the registry's when left out. */
  readonly status?: number;
  readonly headers?: string[];
  readonly body?: true;
  /** Both refuse it, each with a status and words of its own. */
  readonly isRefused?: true;
}

export interface Known {
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
  /** Digests of what {@link pushOddManifests} has left in `team/app`, by their tags. */
  readonly odd: { readonly [tag: string]: string };
}

const NO_ACCEPT_RANGES: Difference = {
  because: "nginx tells that it knows ranges in full answers only; a 206 says so by itself",
  headers: ["accept-ranges"],
};
export const OWN_WORDS: Difference = {
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
export const API_ONLY: Difference = {
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

export const FOREIGN_HOST: Difference = {
  because: "a browser may take a page's own name for this address",
  status: 421,
  headers: [...(OWN_WORDS.headers ?? []), "accept-ranges", "docker-content-digest", "www-authenticate"],
  body: true,
};

export const GONE: Difference = { because: "version 2 gives JSON a charset", headers: ["content-type"] };

export const blob = ({ blob }: Known) => `/v2/team/app/blobs/${blob}`;
export const header = (name: string, value: string | ((known: Known) => string)) => (known: Known) => ({
  [name]: typeof value === "string" ? value : value(known),
});
const etag = ({ blob }: Known) => `"${blob}"`;

export const BLOB_CASES: Case[] = [
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
];
