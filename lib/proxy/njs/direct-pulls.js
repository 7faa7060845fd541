import fs from "fs";

/** Handed out as they are to whoever accepts them; the registry converts or refuses all else. */
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const TYPES = [
  MANIFEST,
  INDEX,
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** The registry takes no larger manifest. */
const MAX_BYTES = 4 * 1024 * 1024;

/** A link that is empty for a moment: a registry of version 2 writes it in place, and answers 500 meanwhile. */
const BEING_WRITTEN = { status: 500 };
const TRIES = 50;
const WAIT_MS = 10;

/** Answers GET and HEAD of a manifest from the registry's own files; whatever is not sure goes to the registry. */
function manifest(r) {
  answer(r, TRIES);
}

function answer(r, tries) {
  const found = findManifest(fs, {
    root: r.variables.registry_files,
    repository: r.variables.direct_repository,
    reference: r.variables.direct_reference,
    headers: r.rawHeadersIn,
    // From njs 0.8 on.
    known: ngx.shared ? ngx.shared.manifests : undefined,
  });
  if (found === BEING_WRITTEN && tries > 1) {
    setTimeout(() => answer(r, tries - 1), WAIT_MS);
  } else if (!found || found === BEING_WRITTEN) {
    askRegistry(r);
  } else {
    send(r, found);
  }
}

function send(r, answer) {
  if (answer.status === 304) {
    // Not r.return, which would tell the length of no body.
    r.status = 304;
    r.sendHeader();
    r.finish();
    return;
  }
  r.headersOut["Content-Type"] = answer.type;
  r.headersOut["Docker-Content-Digest"] = answer.digest;
  r.headersOut.ETag = `"${answer.digest}"`;
  if (answer.body) {
    r.return(200, answer.body);
  } else {
    r.variables.manifest_file = answer.file;
    r.internalRedirect("/_direct/manifest-file");
  }
}

/** The API's root, which clients ask for before anything else. */
function root(r) {
  const conditions = conditionsOf(r.rawHeadersIn);
  if (!conditions || conditions.ifNoneMatch !== undefined) {
    askRegistry(r);
    return;
  }
  r.headersOut["Content-Type"] = "application/json";
  r.return(200, "{}");
}

/** The request begins again, and is not for this script any more. */
function askRegistry(r) {
  r.variables.asks_registry = "1";
  r.internalRedirect(r.variables.request_uri);
}

/**
 * What the registry would answer, or nothing where that is not sure.
 *
 * Nothing is remembered that could change. A delete removes links and a collection the data, so links are read first.
 */
function findManifest(files, request) {
  const conditions = conditionsOf(request.headers);
  if (!conditions) {
    return undefined;
  }
  const folder = `${request.root}/repositories/${request.repository}/_manifests`;
  const digest = DIGEST.test(request.reference)
    ? request.reference
    : readLink(files, `${folder}/tags/${request.reference}/current/link`);
  if (!digest) {
    return digest === "" ? BEING_WRITTEN : undefined;
  }
  const hex = digest.slice(7);
  // What is in it, its name says.
  const length = lengthOf(files, `${folder}/revisions/sha256/${hex}/link`);
  if (length !== digest.length) {
    return length === 0 ? BEING_WRITTEN : undefined;
  }
  const isPull = conditions.ifNoneMatch === undefined;
  const known = isPull && request.known ? request.known.get(hex) : undefined;
  if (known) {
    const found = knownManifest(files, request.root, hex, known);
    return found && accepts(conditions.accept, found.type) ? found : undefined;
  }
  const body = readData(files, request.root, ["blobs", "sha256", hex.slice(0, 2), hex]);
  const type = body && typeOf(body.toString());
  if (!type || !accepts(conditions.accept, type)) {
    return undefined;
  }
  if (isPull) {
    if (request.known) {
      request.known.set(hex, `${body.length} ${type}`);
    }
    return { status: 200, digest: digest, type: type, body: body };
  }
  // Exactly so, as the registry has it; it answers other forms by itself.
  return [digest, `"${digest}"`].indexOf(conditions.ifNoneMatch) >= 0 ? { status: 304 } : undefined;
}

/**
 * A manifest whose length and type were found before: both follow from its digest, and only they are remembered. That it is
 * there, and whole, is seen each time; nginx, which sends it, looks for links on the way.
 */
function knownManifest(files, root, hex, known) {
  const file = `${hex.slice(0, 2)}/${hex}`;
  const isWhole = lengthOf(files, `${root}/blobs/sha256/${file}/data`) === parseInt(known, 10);
  const type = known.slice(known.indexOf(" ") + 1);
  return isWhole ? { status: 200, digest: `sha256:${hex}`, type: type, file: file } : undefined;
}

/** The headers that decide what is answered; nothing where nginx would not treat them as the registry does. */
function conditionsOf(headers) {
  const all = { accept: [], "if-none-match": [], "if-match": [], "if-unmodified-since": [] };
  headers.forEach((header) => {
    const values = all[header[0].toLowerCase()];
    if (Array.isArray(values)) {
      values.push(header[1]);
    }
  });
  const odd = all["if-none-match"].length > 1 || all["if-match"].length + all["if-unmodified-since"].length > 0;
  return odd ? undefined : { accept: all.accept.join(), ifNoneMatch: all["if-none-match"][0] };
}

/** The digest in a link, or its emptiness; nothing where it is missing or odd. */
function readLink(files, path) {
  try {
    const text = isPlain(files.lstatSync(path), 71) ? files.readFileSync(path, "utf8") : undefined;
    return text === "" || DIGEST.test(text) ? text : undefined;
  } catch (_) {
    return undefined;
  }
}

/** The bytes in a file; nothing where there is none, or something else in its place. */
function lengthOf(files, path) {
  try {
    const stats = files.lstatSync(path);
    return stats.isFile() ? stats.size : undefined;
  } catch (_) {
    return undefined;
  }
}

/** The bytes of a blob, which no link may lead to: one that was planted would lead to whatever nginx can read. */
function readData(files, root, folders) {
  try {
    // Each on the way by itself: realpath looks at those above too, which takes a tenth of the whole answer.
    let path = root;
    for (let i = 0; i < folders.length; i++) {
      path += `/${folders[i]}`;
      if (!files.lstatSync(path).isDirectory()) {
        return undefined;
      }
    }
    path += "/data";
    const data = isPlain(files.lstatSync(path), MAX_BYTES) ? files.readFileSync(path) : undefined;
    return data && data.length > 0 ? data : undefined;
  } catch (_) {
    return undefined;
  }
}

/** A file that can be read without waiting: no link, no pipe, and not too large. */
function isPlain(stats, maxBytes) {
  return stats.isFile() && stats.size <= maxBytes;
}

/** A manifest's media type as the registry finds it; nothing for other schemas and what it might read differently. */
function typeOf(text) {
  let document;
  try {
    document = JSON.parse(text);
  } catch (_) {
    return undefined;
  }
  if (document === null || typeof document !== "object" || !hasExactKeys(document) || document.schemaVersion !== 2) {
    return undefined;
  }
  if (document.mediaType !== undefined) {
    return TYPES.indexOf(document.mediaType) >= 0 ? document.mediaType : undefined;
  }
  const isIndex = Array.isArray(document.manifests);
  const isManifest = document.config !== undefined || document.layers !== undefined;
  if (isIndex === isManifest) {
    return undefined;
  }
  return isIndex ? INDEX : MANIFEST;
}

/** Go takes keys in any case, the last one wins. */
function hasExactKeys(document) {
  const keys = ["schemaVersion", "mediaType", "manifests", "config", "layers"];
  const folded = keys.map((key) => key.toUpperCase());
  return Object.keys(document).every((key) => keys.indexOf(key) >= 0 || folded.indexOf(key.toUpperCase()) < 0);
}

/** Whether Accept names the type, in a form that every reader understands alike; `*` is not enough for a registry. */
function accepts(accept, type) {
  return accept.split(",").some((one) => {
    const parts = one.split(";");
    return parts[0].trim() === type && parts.slice(1).every((parameter) => /^\s*q=[0-9.]+\s*$/.test(parameter));
  });
}

export default { manifest, root, askRegistry, findManifest, accepts, typeOf, BEING_WRITTEN };
