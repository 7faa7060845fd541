// The verdict on a request: a pure function of the request and of what is configured.

import policy from "policy.js";
import qs from "querystring";
import request from "request.js";
import tokens from "tokens.js";

/**
 * Characters of an Authorization header that can be a user's: a name of 128 bytes and a password of 255, in base64.
 * crypt ends at once for a password of 512 bytes, and the server that checks takes no header of 8 KiB.
 */
const LONGEST_LOGIN = 520;

/**
 * `access` is one of
 * - pass: allowed, and no password has to be checked
 * - granted, denied, unknown: what the server that checks passwords is asked for
 * - challenge: 401, forbidden: 403, misdirected: 421, nothing: 404
 * - elsewhere: not for the registry; locations that are guarded answer 500
 *
 * The rest is what nginx does with it: the user whose name counts, the version of this user's password, the header of the
 * 401, the sentence of the 403, and the arguments that an upload starts with.
 *
 * Who has expired is denied whatever it is, once the password is known to be right.
 *
 * @param config see access.js
 * @param sent the request: method, rawPath, path, args, host, authorization, remoteUser, now
 */
function judge(config, sent) {
  const asked = request.asked(sent.method, sent.rawPath, sent.path);
  const who = identify(config, sent);
  const verdict = { access: "nothing", user: who.user, version: "", challenge: "", sentence: "", uploadArgs: null };
  if (asked.kind === "nothing" || asked.kind === "elsewhere") {
    verdict.access = asked.kind;
    return verdict;
  }
  if (!isOwnName(config, sent.host)) {
    verdict.access = "misdirected";
    return verdict;
  }
  const ended = endOf(config, who, sent.now);
  verdict.access = ended ? ofKind(who, "", "denied", "forbidden") : ACCESS[asked.kind](config, who, asked);
  if (verdict.access !== "pass") {
    verdict.challenge = challenge(config, sent, who, asked);
  }
  if (who.kind === "login") {
    verdict.version = config.users[who.user] || "";
  }
  if (ended) {
    verdict.sentence = `${who.user} has expired, at ${ended}`;
  } else if (verdict.access === "denied" || verdict.access === "forbidden") {
    verdict.sentence = `${who.user} may not ${VERBS[asked.action]} ${asked.repository}`;
  }
  if (asked.startsUpload) {
    verdict.uploadArgs = uploadArgs(config, who, sent.args);
  }
  return verdict;
}

/** The moment at which a user has expired; nothing for who has not. One that cannot be read is over. */
function endOf(config, who, now) {
  if (!config.expiries || who.user === "" || !policy.isNamed(config.expiries, who.user)) {
    return undefined;
  }
  const moment = config.expiries[who.user] || "an unknown moment";
  return now < Date.parse(moment) / 1000 ? undefined : moment;
}

const VERBS = { pull: "pull", push: "push to", delete: "delete in" };

/** Who sends it: nobody, somebody with a name and a password (login), the bearer of a token, or neither (invalid). */
function identify(config, sent) {
  const authorization = sent.authorization || "";
  if (/^bearer /i.test(authorization)) {
    const claims = config.keys && tokens.verify(config.keys, authorization.slice(7).trim(), sent.now);
    const isCurrent =
      claims && (claims.sub === "" || (isUser(config, claims.sub) && claims.version === config.users[claims.sub]));
    return isCurrent ? { kind: "bearer", user: claims.sub, scopes: claims.access } : { kind: "invalid", user: "" };
  }
  if (/^basic /i.test(authorization) && sent.remoteUser) {
    const isKnown = authorization.length <= LONGEST_LOGIN && isUser(config, sent.remoteUser);
    return { kind: "login", user: isKnown ? sent.remoteUser : "" };
  }
  // Docker's first request is a login without name and password.
  return { kind: /^(basic |$)/i.test(authorization) ? "nobody" : "invalid", user: "" };
}

function isUser(config, name) {
  return policy.isNamed(config.users, name);
}

const ACCESS = {
  // Docker's classic engine sends a login, or a token, only where this asks for one.
  api: (_, who) => ofKind(who, "challenge", "granted", "pass"),
  token: (config, who) =>
    ofKind(who, policy.isOpen(config.rights) && config.keys ? "pass" : "challenge", "granted", "challenge"),
  // Asked for even where everybody may pull something: most clients send their login only when they have to, and would
  // see less than they may.
  catalog: (_, who) => ofKind(who, "challenge", "granted", catalogInScope(who) ? "pass" : "challenge"),
  repository: (config, who, asked) => {
    const isAllowed = policy.allows(config.rights, who.user, asked.repository, asked.action);
    return ofKind(
      who,
      isAllowed ? "pass" : "challenge",
      isAllowed ? "granted" : "denied",
      isAllowed ? inScope(who, asked) : refusal(who),
    );
  },
};

function ofKind(who, nobody, login, bearer) {
  if (who.kind === "login") {
    return who.user === "" ? "unknown" : login;
  }
  return { nobody, bearer, invalid: "challenge" }[who.kind];
}

function inScope(who, asked) {
  const hasScope = who.kind === "bearer" && tokens.hasScope(who.scopes, "repository", asked.repository, asked.action);
  return hasScope ? "pass" : "challenge";
}

function catalogInScope(who) {
  return who.kind === "bearer" && tokens.hasScope(who.scopes, "registry", "catalog", "*");
}

/** Who has no name may still log in. */
function refusal(who) {
  return who.user === "" ? "challenge" : "forbidden";
}

const SCOPES = { pull: "pull", push: "pull,push", delete: "pull,delete" };

function challenge(config, sent, who, asked) {
  const basic = `Basic realm="${config.realm}"`;
  if (!config.keys || asked.kind === "token") {
    return basic;
  }
  const scope = { repository: `repository:${asked.repository}:${SCOPES[asked.action]}`, catalog: "registry:catalog:*" };
  const error = { bearer: "insufficient_scope", invalid: "invalid_token" };
  return [`Bearer realm="${config.scheme}://${sent.host || config.service}/token"`, `service="${config.service}"`]
    .concat(scope[asked.kind] ? [`scope="${scope[asked.kind]}"`] : [])
    .concat(error[who.kind] ? [`error="${error[who.kind]}"`] : [])
    .join(",");
}

/** The realm of a challenge is where clients send passwords: it is never a name that somebody else may own. */
function isOwnName(config, host) {
  if (!host) {
    return true;
  }
  const name = (/^([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/.exec(host.toLowerCase()) || [])[1];
  if (name === undefined) {
    return false;
  }
  const wildcard = name.replace(/^[^.]+/, "*");
  return config.names === null || policy.some(config.names, (own) => own === name || own === wildcard);
}

/**
 * The arguments that the registry gets at the start of an upload, written anew: it reads others than nginx does in
 * `m%6funt=`. A mount whose source this user may not pull becomes a plain upload, as one of a blob that is not there.
 */
function uploadArgs(config, who, args) {
  const given = qs.parse(args || "");
  const arg = (name) => [].concat(policy.isNamed(given, name) ? given[name] : [])[0];
  const from = arg("from") || "";
  const isMount =
    arg("mount") &&
    request.isRepository(from) &&
    policy.allows(config.rights, who.user, from, "pull") &&
    (who.kind !== "bearer" || tokens.hasScope(who.scopes, "repository", from, "pull"));
  return (isMount ? ["mount", "from", "digest"] : ["digest"])
    .filter((name) => arg(name))
    .map((name) => `${name}=${encodeURIComponent(arg(name))}`)
    .join("&");
}

export default { judge };
