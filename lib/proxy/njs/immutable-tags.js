// Tags that stay: a push over one of them is refused, and so is a delete of what it needs.
//
// What a request would change is looked up at the registry, under a lock of the repository: whoever is let through has
// come to an end before the next one looks.
import crypto from "crypto";
import fs from "fs";
import content from "kept-content.js";
import policy from "policy.js";
import request from "request.js";

/** A lock is waited for for a minute and a half: longer than a write that meets a collection. */
const WAIT_MS = 20;
const TRIES = 4500;

/** For js_set: where a request goes that may change such a tag; nowhere else than all others when empty. */
function route(r) {
  const variables = r.variables;
  const path = variables.uri;
  const asked = request.asked(variables.request_method, variables.request_uri.split("?")[0], path);
  return routeOf(immutable_tags, variables.request_method, asked);
}

/** @param asked see request.js */
function routeOf(rules, method, asked) {
  if (asked.kind === "nothing") {
    // The registry could read another tag in it.
    return "/_tags/nothing";
  }
  if (
    asked.reference === undefined ||
    !policy.some(rules, (rule) => content.coversRepository(rule, asked.repository))
  ) {
    return "";
  }
  const isTag = asked.part === "manifests" && !asked.reference.includes(":");
  if (isTag && !content.isImmutable(rules, asked.repository, asked.reference)) {
    return "";
  }
  if (method === "DELETE") {
    return "/_tags/delete";
  }
  return method === "PUT" && isTag ? "/_tags/push" : "";
}

/** A push of a tag that stays. */
function push(r) {
  const asked = askedOf(r);
  const pushed = `sha256:${crypto
    .createHash("sha256")
    .update(r.requestBuffer || "")
    .digest("hex")}`;
  guarded(r, asked, (registry) =>
    registry
      .head(asked.reference)
      .then((digest) =>
        digest === undefined || digest === pushed
          ? undefined
          : `the tag ${asked.reference} of ${asked.repository} is immutable and there already, as ${digest}: push under another tag`,
      ),
  );
}

/** A delete of a tag that stays, or of what such a tag needs. */
function remove(r) {
  const asked = askedOf(r);
  const isTag = asked.part === "manifests" && !asked.reference.includes(":");
  guarded(r, asked, (registry) =>
    isTag
      ? registry
          .head(asked.reference)
          .then((digest) => digest && `the tag ${asked.reference} of ${asked.repository} is immutable`)
      : content
          .whoNeeds(registry, immutable_tags, asked)
          .then((tag) => tag && `the tag ${tag} of ${asked.repository} is immutable and needs ${asked.reference}`),
  );
}

function askedOf(r) {
  const path = r.variables.request_uri.split("?")[0].replace(/%3a/gi, ":");
  return request.asked(r.method, path, path);
}

/**
 * Lets a request through to the registry, unless there is a reason not to.
 *
 * @param reasonOf why it is refused, or nothing; asked for under the lock
 */
function guarded(r, asked, reasonOf) {
  const lock = `/tmp/tags-${crypto.createHash("sha256").update(asked.repository).digest("hex")}.lock`;
  acquire(lock, TRIES)
    .then((isMine) =>
      isMine
        ? passUnless(r, asked, reasonOf).then(
            (answer) => {
              fs.unlinkSync(lock);
              return answer;
            },
            (error) => {
              fs.unlinkSync(lock);
              throw error;
            },
          )
        : refusal(503, "UNAVAILABLE", `others push to ${asked.repository} or delete in it: try again in a moment`),
    )
    .then((answer) => send(r, answer))
    .catch((error) => {
      r.error(`immutable tags: ${error.message}`);
      send(r, refusal(503, "UNAVAILABLE", "it cannot be told whether this tag may change: try again in a moment"));
    });
}

function passUnless(r, asked, reasonOf) {
  const mayOverride =
    typeof access_rights !== "undefined" &&
    policy.allows(access_rights, r.variables.user, asked.repository, "override");
  return (mayOverride ? Promise.resolve() : reasonOf(content.registryOf(r, asked.repository))).then((reason) => {
    if (reason) {
      r.variables.refused_tag = reason;
      return refusal(403, "DENIED", reason);
    }
    return r.subrequest("/_tags/write", { method: r.method, args: r.variables.args || "" });
  });
}

/**
 * A lock is a link that names the process which holds it, so that it can be told when that process is no more; see the
 * sweeper in lib/proxy/conf/immutable-tags.ts. It is there at once or not at all.
 */
function acquire(lock, tries) {
  try {
    fs.symlinkSync(String(process.pid), lock);
    return Promise.resolve(true);
  } catch (error) {
    if (error.code !== "EEXIST") {
      return Promise.reject(error);
    }
  }
  return tries > 1
    ? new Promise((resolve) => setTimeout(resolve, WAIT_MS)).then(() => acquire(lock, tries - 1))
    : Promise.resolve(false);
}

function refusal(status, code, message) {
  return {
    status,
    headersOut: { "Content-Type": "application/json" },
    responseBuffer: `${JSON.stringify({ errors: [{ code, message, detail: null }] })}\n`,
  };
}

/** Headers of a connection, and those that nginx writes by itself. */
const OWN_HEADERS = ["connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"];

function send(r, answer) {
  Object.keys(answer.headersOut)
    .filter((name) => !OWN_HEADERS.includes(name.toLowerCase()))
    .forEach((name) => {
      r.headersOut[name] = answer.headersOut[name];
    });
  r.return(answer.status, answer.responseBuffer || "");
}

export default { route, routeOf, push, remove };
