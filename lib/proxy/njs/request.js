// What a request asks for, read from nothing but its method and its address.

// A literal, which is compiled once: the top level of a script runs at each request.
const REPOSITORY = /^[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*)*$/;
const LONGEST_REPOSITORY = 255;

/**
 * What a request asks for: `kind` is api, catalog, token, repository, elsewhere or, where the registry has nothing,
 * nothing. A repository comes with its name and the action, and tells the start of an upload. What lies in it, that is
 * `manifests` or `blobs`, comes with its reference.
 *
 * @param method as nginx has it
 * @param rawPath the path as it was sent, which is what the registry gets
 * @param path the path as nginx has decoded and cleaned it
 */
function asked(method, rawPath, path) {
  if (path !== "/token" && !path.startsWith("/v2/")) {
    return { kind: "elsewhere" };
  }
  // Some clients write the colon of a digest as %3A. Any other difference would have the two read different names.
  if (rawPath.replace(/%3a/gi, ":") !== path) {
    return { kind: "nothing" };
  }
  return KINDS[path] ? { kind: KINDS[path] } : ofRepository(method, path.slice(4).split("/"));
}

const KINDS = { "/v2/": "api", "/v2/_catalog": "catalog", "/token": "token" };

/** A name may have components such as "blobs": the end of the path decides, as it does for the registry. */
function ofRepository(method, components) {
  const last = components[components.length - 1];
  const word = components[components.length - 2];
  if (word === "uploads" && components[components.length - 3] === "blobs") {
    return inRepository(components.slice(0, -3), "push", method === "POST" && last === "");
  }
  const isDigest = (word === "blobs" || word === "referrers") && last.includes(":");
  if (!isDigest && (word !== "manifests" || last === "") && (word !== "tags" || last !== "list")) {
    return { kind: "nothing" };
  }
  const found = inRepository(components.slice(0, -2), actionOf(method), false);
  if (found.kind === "repository" && (word === "manifests" || word === "blobs")) {
    found.part = word;
    found.reference = last;
  }
  return found;
}

function inRepository(components, action, startsUpload) {
  const repository = components.join("/");
  return isRepository(repository) ? { kind: "repository", repository, action, startsUpload } : { kind: "nothing" };
}

function actionOf(method) {
  if (method === "GET" || method === "HEAD" || method === "OPTIONS") {
    return "pull";
  }
  return method === "DELETE" ? "delete" : "push";
}

function isRepository(name) {
  return name.length <= LONGEST_REPOSITORY && REPOSITORY.test(name);
}

export default { asked, isRepository };
