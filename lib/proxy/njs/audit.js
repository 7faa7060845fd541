// What is written down of who changed what, and who was refused: nothing that a password or a token is part of.
import request from "request.js";

const LONGEST_REFERENCE = 200;
const LONGEST_CLIENT = 200;

/** For js_set, once a request has been answered: its line, or nothing where it belongs into no audit. */
function entry(r) {
  const variables = r.variables;
  const found = entryOf({
    time: variables.time_iso8601,
    request: variables.request_id,
    address: variables.remote_addr,
    client: variables.http_user_agent,
    method: variables.request_method,
    path: (variables.request_uri || "").split("?")[0],
    status: Number(variables.status),
    digest: variables.sent_http_docker_content_digest,
    claimed: variables.remote_user,
    // The name of who is a user; where all users have the same rights everywhere, a map knows them.
    user: variables.user_access === undefined ? variables.user : variables.user_access && variables.remote_user,
    isChecked: variables.login_ran === "1" && variables.login_status !== "401",
    refused: variables.refused_tag || variables.refused_quota,
    sentence: variables.login_sentence,
    // Set for what writes only.
    hasRoom: /^(GET|HEAD)$/.test(variables.request_method) || !/^(little|none)$/.test(variables.room),
  });
  return found ? JSON.stringify(found) : "";
}

/** @param sent see above */
function entryOf(sent) {
  const path = sent.path.replace(/%3a/gi, ":");
  const asked = request.asked(sent.method, path, path);
  const change = changeOf(sent.method, asked);
  const isRefusal = sent.status === 403 || (sent.status === 401 && !!sent.claimed);
  // The first requests of a client come without a login, and are asked for one: nobody was refused anything.
  if (!isRefusal && (!change || sent.status === 401 || sent.status === 308)) {
    return undefined;
  }
  const isVerified = sent.isChecked && sent.status !== 401;
  const user = sent.user || "";
  return {
    time: sent.time,
    audit: change || actionOf(asked),
    result: isRefusal ? "denied" : sent.status < 300 ? "done" : "failed",
    user: isVerified ? user : "",
    claimed: isVerified ? "" : user,
    address: sent.address,
    repository: asked.repository || "",
    reference: (asked.reference || "").slice(0, LONGEST_REFERENCE),
    digest: sent.digest || ((asked.reference || "").includes(":") ? asked.reference.slice(0, LONGEST_REFERENCE) : ""),
    status: sent.status,
    reason: isRefusal ? reasonOf(sent) : "",
    client: (sent.client || "").slice(0, LONGEST_CLIENT),
    request: sent.request,
  };
}

/** What a request changes that others see: manifests and tags; a delete also of a blob. */
function changeOf(method, asked) {
  if (method === "PUT" && asked.part === "manifests") {
    return "push";
  }
  return method === "DELETE" && asked.part !== undefined ? "delete" : "";
}

function actionOf(asked) {
  return asked.action || { api: "login", token: "login", catalog: "catalog" }[asked.kind] || "other";
}

function reasonOf(sent) {
  if (sent.status === 401) {
    return "wrong name or password";
  }
  return sent.refused || sent.sentence || (sent.hasRoom ? "not allowed" : "the disk is nearly full");
}

export default { entry, entryOf };
