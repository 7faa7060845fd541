// Quotas of repositories: what would exceed one is refused before the registry has it.
import fs from "fs";
import policy from "policy.js";
import qs from "querystring";
import ledger from "quota-ledger.js";
import request from "request.js";

const FOLDER = "/tmp/quotas";

/** Nobody is refused before it was counted anew, for which a push waits so long at most. */
const LOOK_MS = 50;
const LOOKS = 600;

/** Counts that a push waits for which is refused because of others only: each may have counted them twice. */
const COUNTS = 5;

/** The most that a registry takes, where a client does not say how much it sends. */
const LARGEST_MANIFEST = 4 * 1024 * 1024;

const UPLOAD = /^[0-9a-f-]{36}$/;
const DIGEST = /^[a-z0-9]+:[0-9a-f]{32,}$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** For js_set: nothing for a request that meets no quota, and "nothing" for one that is none. */
function kind(r) {
  return kindOf(repository_quotas, askedOf(r.variables));
}

/** @param asked see request.js */
function kindOf(quotas, asked) {
  if (asked.kind !== "repository") {
    return "nothing";
  }
  return coveringOf(quotas, asked.repository).length > 0 ? "some" : "";
}

function askedOf(variables) {
  const path = variables.request_uri.split("?")[0].replace(/%3a/gi, ":");
  const asked = request.asked(variables.request_method, path, path);
  if (asked.kind === "repository" && asked.part === undefined) {
    asked.upload = path.split("/").pop();
  }
  return asked;
}

function coveringOf(quotas, repository) {
  const found = [];
  for (let i = 0; i < quotas.length; i++) {
    if (policy.covers(quotas[i].repositories, repository)) {
      found.push(quotas[i]);
    }
  }
  return found;
}

/** For auth_request, before the body is read: 204 where there is room. */
function admit(r) {
  const variables = r.variables;
  const asked = askedOf(variables);
  const quotas = coveringOf(repository_quotas, asked.repository);
  const needs = needsOf(fs, variables.quota_files, quotas, asked, {
    method: variables.request_method,
    // A subrequest, as this is one, has no arguments of its own.
    args: variables.request_uri.split("?")[1],
    length: variables.content_length,
    isChunked: !!variables.http_transfer_encoding,
  });
  // Data that came in pieces lies with the registry.
  variables.quota_refusal = asked.upload && !Number(variables.content_length) ? "@refused_upload" : "@refused";
  if (needs === undefined) {
    variables.quota_refusal = "@refused";
    variables.quota_sentence = "what is pushed to a repository with a quota has to come with its Content-Length";
    return r.return(403);
  }
  countedAfter(-1, quotas)
    .then((counted) => keep(counted, needs))
    .then((first) => (first.refusal ? keepAfterCounts(quotas, needs, COUNTS) : first))
    .then((last) => {
      if (last.refusal) {
        variables.quota_sentence = sentenceOf(last.refusal);
        r.return(403);
      } else {
        variables.quota_kept = JSON.stringify(last.kept);
        r.return(204);
      }
    })
    .catch((error) => {
      r.error(`quotas: ${error.message}`);
      r.return(500);
    });
}

/** Keeps room by a count that begins now; again, while it is only what others push that leaves none. */
function keepAfterCounts(quotas, needs, counts) {
  const number = startedCounts();
  fs.writeFileSync(`${FOLDER}/wanted`, "");
  return countedAfter(number, quotas)
    .then((counted) => {
      // Of those that waited for the same count each would see the others.
      const turn = Math.floor(Math.random() * LOOK_MS);
      return new Promise((resolve) => setTimeout(resolve, turn)).then(() => keep(counted, needs));
    })
    .then((found) =>
      found.refusal && !found.refusal.isSure && counts > 1 ? keepAfterCounts(quotas, needs, counts - 1) : found,
    );
}

function keep(counted, needs) {
  return ledger.keep(ngx.shared.quotas, counted, needs, process.pid, isAlive);
}

function isAlive(worker) {
  return exists(fs, `/proc/${worker}`);
}

/**
 * What a push adds to each quota; nothing where that cannot be known.
 *
 * @param files the module fs
 * @param root of the registry's data
 */
function needsOf(files, root, quotas, asked, sent) {
  const length = Number(sent.length || 0);
  const folder = `${root}/repositories/${asked.repository}`;
  if (asked.part === "manifests") {
    const isTag = !asked.reference.includes(":");
    const bytes = sent.isChunked && !length ? LARGEST_MANIFEST : length;
    const isNew =
      isTag &&
      !(TAG.test(asked.reference) && exists(files, `${folder}/_manifests/tags/${asked.reference}/current/link`));
    return quotas.map((quota) => ({ quota, bytes, tags: isNew ? 1 : 0 }));
  }
  if (sent.method === "PUT") {
    if (sent.isChunked && !length) {
      return undefined;
    }
    const data = UPLOAD.test(asked.upload || "") ? sizeOf(files, `${folder}/_uploads/${asked.upload}/data`) : 0;
    return quotas.map((quota) => ({ quota, bytes: data + length, tags: 0 }));
  }
  return startOf(files, root, quotas, asked, qs.parse(sent.args || ""));
}

/** An upload that begins has no size yet; a blob that is mounted from another repository has one at once. */
function startOf(files, root, quotas, asked, args) {
  const first = (name) => [].concat(policy.isNamed(args, name) ? args[name] : [])[0] || "";
  const digest = first("mount");
  const from = first("from");
  const parts = digest.split(":");
  const size =
    DIGEST.test(digest) && request.isRepository(from)
      ? sizeOf(files, `${root}/blobs/${parts[0]}/${parts[1].slice(0, 2)}/${parts[1]}/data`)
      : 0;
  const has = (repository) => exists(files, `${root}/repositories/${repository}/_layers/${parts[0]}/${parts[1]}/link`);
  if (size === 0 || !has(from)) {
    return quotas.map((quota) => ({ quota, bytes: 1, tags: 0, isStart: true }));
  }
  return quotas
    .filter((quota) => !has(asked.repository) && !policy.covers(quota.repositories, from))
    .map((quota) => ({ quota, bytes: size, tags: 0 }));
}

/** What was counted by a count that began after so many others, as soon as it is there. */
function countedAfter(number, quotas, looks) {
  const counted = lastCount();
  const isThere =
    counted !== undefined &&
    counted.number > number &&
    quotas.every((quota) => policy.isNamed(counted.used, quota.repositories));
  if (isThere) {
    return Promise.resolve(counted);
  }
  if (looks === 0) {
    return Promise.reject(new Error("nobody counts what repositories hold"));
  }
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS)).then(() =>
    countedAfter(number, quotas, (looks === undefined ? LOOKS : looks) - 1),
  );
}

function lastCount() {
  try {
    return JSON.parse(fs.readFileSync(`${FOLDER}/counted`, "utf8"));
  } catch (_) {
    return undefined;
  }
}

function startedCounts() {
  return Number(fs.readFileSync(`${FOLDER}/started`, "utf8"));
}

/** For js_set, when a request has been answered. nginx asks for it when it writes its log, and gets the word not to. */
function settle(r) {
  const kept = JSON.parse(r.variables.quota_kept || "[]");
  if (kept.length > 0) {
    ledger.settle(ngx.shared.quotas, kept, process.pid, startedCounts(), lastCount().number);
  }
  return "";
}

/** Takes what has been uploaded away again, and then refuses it. */
function cancel(r) {
  r.subrequest("/_cancel").then((answer) => {
    if (answer.status >= 300 && answer.status !== 404) {
      r.error(`quotas: an upload that was refused could not be cancelled: ${answer.status}`);
    }
    r.headersOut["X-Accel-Redirect"] = "@over_quota";
    r.headersOut["X-Quota"] = r.variables.quota_sentence;
    r.return(204);
  });
}

/** What docker shows; of what others are pushing where that matters, as some of it may have been counted. */
function sentenceOf(refusal) {
  const quota = refusal.need.quota;
  const pending = refusal.isSure ? 0 : refusal.pending;
  if (refusal.unit === "tags") {
    const there = pending > 0 ? "are there or being pushed" : "are there";
    return `the quota of ${quota.repositories} is ${quota.maxTags} tags, and ${refusal.used + pending} ${there}: delete some, or ask for more`;
  }
  const pushed = pending > 0 ? `, ${mib(pending)} MiB are being pushed` : "";
  const more = refusal.need.isStart ? "" : `, and this needs ${mib(refusal.need.bytes)} MiB more`;
  return `the quota of ${quota.repositories} is ${quota.maxMiB} MiB: ${mib(refusal.used)} MiB are used${pushed}${more}: delete images there, whose room comes back with the next garbage collection, or ask for more`;
}

function mib(bytes) {
  return (bytes / 1048576).toFixed(1);
}

function sizeOf(files, path) {
  try {
    const stats = files.lstatSync(path);
    return stats.isFile() ? stats.size : 0;
  } catch (_) {
    return 0;
  }
}

function exists(files, path) {
  try {
    files.lstatSync(path);
    return true;
  } catch (_) {
    return false;
  }
}

export default { kind, kindOf, admit, needsOf, settle, cancel, sentenceOf };
