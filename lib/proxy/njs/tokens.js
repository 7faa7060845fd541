// Bearer tokens: JSON Web Tokens, signed by HMAC-SHA256. They say who, and what was asked for; what of it is allowed is
// decided at each request.
import crypto from "crypto";
import request from "request.js";

const LIFETIME_SECONDS = 300;

// More would not fit into the buffers for headers that nginx has by default, here or in a proxy of the client's own.
const MOST_SCOPES = 16;
const LONGEST_TOKEN = 4096;

const ACTIONS = ["pull", "push", "delete"];

/**
 * Scopes as the parameters of a request name them, those of one repository merged; null for more than a token takes.
 *
 * @param params such as `repository:team/app:pull,push`, several by blanks; what is not understood is left out
 */
function parseScopes(params) {
  const scopes = [];
  params
    .join(" ")
    .split(" ")
    .forEach((text) => {
      const scope = parseScope(text);
      const same = scope && scopes.find((other) => other.type === scope.type && other.name === scope.name);
      if (same) {
        same.actions = same.actions.concat(scope.actions.filter((action) => !same.actions.includes(action)));
      } else if (scope) {
        scopes.push(scope);
      }
    });
  return scopes.length > MOST_SCOPES ? null : scopes;
}

function parseScope(text) {
  const parts = text.split(":");
  if (text === "registry:catalog:*") {
    return { type: "registry", name: "catalog", actions: ["*"] };
  }
  // The class in brackets was for plugins of old engines.
  if (parts.length !== 3 || !/^repository(\([a-z]+\))?$/.test(parts[0]) || !request.isRepository(parts[1])) {
    return null;
  }
  const asked = parts[2].split(",");
  const actions = ACTIONS.filter((action) => asked.includes(action) || asked.includes("*"));
  return actions.length > 0 ? { type: "repository", name: parts[1], actions } : null;
}

/** Whether a token's scopes name an action on a repository, or the catalog. */
function hasScope(scopes, type, name, action) {
  return scopes.some((scope) => scope.type === type && scope.name === name && scope.actions.includes(action));
}

/**
 * A token; null when it would be too long.
 *
 * @param keys the key and its name
 * @param user a user's name, or "" for who has not logged in
 * @param version changes with the user's password
 * @param now seconds since 1970
 */
function sign(keys, user, version, scopes, now) {
  const claims = { sub: user, version, exp: now + LIFETIME_SECONDS, access: scopes };
  const text = `${header(keys)}.${base64url(JSON.stringify(claims))}`;
  const token = `${text}.${hmac(keys.key, text)}`;
  return token.length > LONGEST_TOKEN ? null : token;
}

/**
 * What a token says; null for one that was not signed with this key or has expired.
 *
 * @param now seconds since 1970
 */
function verify(keys, token, now) {
  const parts = token.split(".");
  // The header is the one that is written here, letter for letter: it has no say in the key or the algorithm.
  if (token.length > LONGEST_TOKEN || parts.length !== 3 || parts[0] !== header(keys)) {
    return null;
  }
  const signature = hmac(keys.key, `${parts[0]}.${parts[1]}`);
  // Digests are compared: how far two of them agree tells nothing.
  if (hmac(keys.key, signature) !== hmac(keys.key, parts[2])) {
    return null;
  }
  const claims = JSON.parse(Buffer.from(parts[1], "base64url").toString());
  // A token without an expiry is none.
  return claims.exp >= now ? claims : null;
}

function header(keys) {
  return base64url(JSON.stringify({ alg: "HS256", typ: "JWT", kid: keys.kid }));
}

function base64url(text) {
  return Buffer.from(text).toString("base64url");
}

function hmac(key, text) {
  return crypto.createHmac("sha256", key).update(text).digest("base64url");
}

export default { LIFETIME_SECONDS, parseScopes, hasScope, sign, verify };
