import fs from "fs";

// What is read while everybody waits: more than this is not told.
const MOST_TAGS = 2000;
const MOST_LAYERS = 4000;

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const HEX = /^[0-9a-f]{64}$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** Answers a list of tags with what the registry's own files know more of them; a repository with too many, without. */
function facts(r) {
  const found = factsOf(fs, r.variables.registry_files, r.variables.direct_repository);
  if (!found) {
    // The request begins again, and is not for this script any more.
    r.variables.asks_registry = "1";
    r.internalRedirect(r.variables.request_uri);
    return;
  }
  r.headersOut["Content-Type"] = "application/json";
  r.headersOut["Cache-Control"] = "no-store";
  r.return(200, JSON.stringify({ name: r.variables.direct_repository, tags: found.tags, bytes: found.bytes }));
}

/**
 * The tags of a repository, each with its digest and the time of its push, and the bytes of its layers and configurations.
 * Nothing where that is not sure.
 */
function factsOf(files, root, repository) {
  const folder = `${root}/repositories/${repository}`;
  const names = folderOf(files, `${folder}/_manifests/tags`);
  const layers = folderOf(files, `${folder}/_layers/sha256`) || [];
  if (!names || names.length > MOST_TAGS || layers.length > MOST_LAYERS) {
    return undefined;
  }
  const tags = names
    .filter((name) => TAG.test(name))
    .sort()
    .map((name) => tagOf(files, `${folder}/_manifests/tags/${name}/current/link`, name))
    .filter((tag) => tag !== undefined);
  const bytes = layers
    .filter((hex) => HEX.test(hex) && statsOf(files, `${folder}/_layers/sha256/${hex}/link`))
    .map((hex) => statsOf(files, `${root}/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`))
    .reduce((sum, stats) => sum + (stats ? stats.size : 0), 0);
  return { tags, bytes };
}

/** Nothing for a tag that is being deleted; no digest for one that is being written. */
function tagOf(files, link, name) {
  const stats = statsOf(files, link);
  if (!stats) {
    return undefined;
  }
  const pushed = Math.floor(stats.mtimeMs);
  try {
    const digest = stats.size <= 71 ? files.readFileSync(link, "utf8") : "";
    return DIGEST.test(digest) ? { name, digest, pushed } : { name, pushed };
  } catch (_) {
    return { name, pushed };
  }
}

/** Of a file that is no link to another one; nothing where there is none. */
function statsOf(files, path) {
  try {
    const stats = files.lstatSync(path);
    return stats.isFile() ? stats : undefined;
  } catch (_) {
    return undefined;
  }
}

function folderOf(files, path) {
  try {
    return files.readdirSync(path);
  } catch (_) {
    return undefined;
  }
}

export default { facts, factsOf };
