// What nginx calls: variables and handlers. The files beside nginx.conf come in as read-only objects.

import policy from "policy.js";
import qs from "querystring";
import tokens from "tokens.js";
import verdicts from "verdict.js";

function configuration() {
  return {
    // Rules by whom they are for.
    rights: access_rights,
    // By name, what changes with each one's password.
    users: access_credentials.users,
    // What tokens are signed with; null where there are none.
    keys: access_credentials.keys,
    realm: access_realm.realm,
    service: access_realm.service,
    scheme: access_realm.scheme,
    names: access_realm.names,
    // By name, the moment from which a user is refused; null where there are none.
    expiries: typeof access_expiries === "undefined" ? null : access_expiries,
  };
}

/** For js_set: the verdict, and in further variables what belongs to it. Asked for once a request, before all else. */
function verdict(r) {
  const requestUri = r.variables.request_uri || "";
  const authorization = r.headersIn.Authorization;
  const given = verdicts.judge(configuration(), {
    method: r.variables.request_method,
    rawPath: requestUri.split("?")[0],
    path: r.variables.uri,
    args: r.variables.args,
    host: r.variables.http_host,
    authorization,
    remoteUser: r.variables.remote_user,
    now: now(),
  });
  tell(r, given, authorization);
  return given.access;
}

function tell(r, given, authorization) {
  const variables = r.variables;
  variables.login_check = given.access;
  variables.user = given.user;
  if (given.access !== "pass") {
    variables.user_version = given.version;
    variables.checked_login = given.access === "unknown" ? access_realm.decoy : authorization || "";
    variables.login_challenge = given.challenge;
    variables.login_sentence = given.sentence;
  }
  if (given.uploadArgs !== null) {
    variables.starts_upload = "1";
    variables.upload_args = given.uploadArgs;
  }
}

/** For js_set, after the verdict: the registry takes an event's actor from here, and needs no password. */
function actor(r) {
  return r.variables.user ? basic(r.variables.user, "") : "";
}

/** Gives a token for a login, or for none where everybody may do something. */
async function token(r) {
  const params = { GET: r.variables.args, POST: r.requestText }[r.method];
  const asked = qs.parse(params || "");
  if (params === undefined && r.method !== "GET") {
    return refuse(r, 405, "UNSUPPORTED", "tokens are asked for by GET, or by POST with grant_type=password");
  }
  if (r.method === "POST" && !takeForm(r, asked)) {
    return refuse(r, 405, "UNSUPPORTED", "POST takes grant_type=password only, with username and password");
  }
  const reply = await r.subrequest("/_login");
  if (reply.status !== 204) {
    return refuseLogin(r, reply);
  }
  const scopes = tokens.parseScopes([].concat(asked.scope || []));
  const user = r.variables.user;
  const text =
    scopes && tokens.sign(access_credentials.keys, user, r.variables.user_version, granted(user, scopes), now());
  if (!text) {
    return refuse(r, 400, "UNSUPPORTED", "too many scopes for one token: ask for those of one image at a time");
  }
  r.headersOut["Cache-Control"] = "no-store";
  answer(r, 200, { token: text, access_token: text, expires_in: tokens.LIFETIME_SECONDS });
}

/** The name and password of a form, as if they had come in the header. */
function takeForm(r, form) {
  if (form.grant_type !== "password" || typeof form.username !== "string" || typeof form.password !== "string") {
    return false;
  }
  // A name with a colon would be cut short, and be another one's.
  const name = form.username.includes(":") ? "" : form.username;
  const authorization = basic(name, form.password);
  const given = verdicts.judge(configuration(), {
    method: "GET",
    rawPath: "/token",
    path: "/token",
    host: r.variables.http_host,
    authorization,
    remoteUser: name || "-",
    now: now(),
  });
  tell(r, given, authorization);
  // Never remembered: what is remembered is told apart by the header of the request, which has none.
  r.variables.login_form = "-form";
  return true;
}

function refuseLogin(r, reply) {
  const status = reply.variables.upstream_status;
  if (r.variables.login_check === "challenge" || status === "401") {
    return refuse(r, 401, "UNAUTHORIZED", "authentication required");
  }
  if (r.variables.login_check === "denied" && (status === "403" || !status)) {
    // The password is right. A token is refused to nobody but who has expired.
    return refuse(r, 403, "DENIED", `requested access to the resource is denied: ${r.variables.login_sentence}`);
  }
  return status === "429"
    ? refuse(r, 429, "TOOMANYREQUESTS", "too many logins from this address: try again in a minute")
    : refuse(r, 503, "UNAVAILABLE", "logins cannot be checked at the moment");
}

function granted(user, scopes) {
  return scopes
    .map((scope) => ({
      type: scope.type,
      name: scope.name,
      actions: scope.actions.filter(
        (action) => scope.type !== "repository" || policy.allows(access_rights, user, scope.name, action),
      ),
    }))
    .filter((scope) => scope.actions.length > 0);
}

/** The catalog, without what this user may not pull. */
async function catalog(r) {
  const args = r.variables.args || "";
  const n = qs.parse(args).n;
  if (policy.seesAll(access_rights, r.variables.user) || (n !== undefined && !/^[1-9][0-9]{0,8}$/.test(n))) {
    return r.internalRedirect(`/_catalog?${args}`);
  }
  const last = qs.parse(args).last;
  await visiblePage(r, Number(n || MOST_NAMES), typeof last === "string" ? last : "");
}

/** Repositories that are asked for at a time, and those of an answer when the client names no number. */
const MOST_NAMES = 100;

async function visiblePage(r, most, last) {
  const found = [];
  let after = last;
  let more = true;
  let size = Math.max(most, MOST_NAMES);
  while (more && found.length <= most) {
    const reply = await r.subrequest("/_catalog", { args: qs.stringify({ n: size, last: after }) });
    if (reply.status === 400 && size !== most) {
      // A registry may give fewer at a time.
      size = most;
      continue;
    }
    if (reply.status !== 200) {
      return r.return(reply.status, reply.responseText);
    }
    const names = JSON.parse(reply.responseText).repositories || [];
    names
      .filter((name) => policy.allows(access_rights, r.variables.user, name, "pull"))
      .forEach((name) => {
        found.push(name);
      });
    more = reply.headersOut.Link !== undefined && names.length > 0;
    after = names[names.length - 1];
  }
  const page = found.slice(0, most);
  if (found.length > most) {
    // The last one that is shown: no name that this user may not see.
    r.headersOut.Link = `</v2/_catalog?${qs.stringify({ n: most, last: page[most - 1] })}>; rel="next"`;
  }
  answer(r, 200, { repositories: page });
}

function answer(r, status, body) {
  r.headersOut["Content-Type"] = "application/json";
  r.return(status, `${JSON.stringify(body)}\n`);
}

function refuse(r, status, code, message) {
  answer(r, status, { errors: [{ code, message, detail: null }] });
}

function basic(user, password) {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function now() {
  return Math.floor(Date.now() / 1000);
}

export default { verdict, actor, token, catalog };
