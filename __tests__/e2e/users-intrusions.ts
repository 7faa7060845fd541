/** Ways round a login or round the rights of a user who may only pull, each of which was tried and led nowhere. */

/** A digest that nothing has: names it, and a push would succeed with it. */
const EMPTY = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
export const WRITES = ["POST", "PUT", "PATCH", "DELETE"];

/** Of a registry with the manifest `by/crane:1`. */
export const pathsOf = (digest: string): string[] => [
  "/v2/",
  "/v2/_catalog",
  "/v2/by/crane/tags/list",
  "/v2/by/crane/manifests/1",
  `/v2/by/crane/manifests/${digest}`,
  `/v2/by/crane/blobs/${digest}`,
  `/v2/by/crane/referrers/${digest}`,
  "/v2/by/crane/blobs/uploads/",
  `/v2/by/crane/blobs/uploads/?digest=${EMPTY}`,
  `/v2/by/other/blobs/uploads/?mount=${digest}&from=by/crane`,
  `/v2/by/other/blobs/uploads/?m%6funt=${digest}&from=by/crane`,
  "/v2/by/crane/blobs/uploads/00000000-0000-0000-0000-000000000000",
];

/** Names and passwords that differ from a user's by little. */
export const wrongLogins = (password: string): [string, string][] => [
  ["ci", ""],
  ["ci", " "],
  ["ci", password.slice(0, -1)],
  ["ci", `${password} `],
  ["ci", ` ${password}`],
  ["ci", `:${password}`],
  ["ci", password.toUpperCase()],
  ["ci", "x".repeat(72)],
  ["ci", `${password}${"x".repeat(400)}`],
  ["CI", password],
  ["ci ", password],
  [" ci", password],
  ["ci\0", password],
  ["ci\n", password],
  ["ci\u00a0", password],
  ["", password],
  ["*", password],
  ["-", ""],
  ["-", password],
  ["reader", password],
  ["default", password],
  ["constructor", password],
  ["ci:push", password],
  ["$remote_user", password],
];

/**
 * What a user who may only pull sends as it stands.
 *
 * @param reader the user's Authorization
 * @param other one of a user who may push, with a wrong password
 */
export function intrusions(reader: string, other: string): { readonly [title: string]: string } {
  const lines = (...all: string[]) => `${all.join("\r\n")}\r\n\r\n`;
  const start = (method: string, path = "/v2/by/crane/blobs/uploads/") => [
    `${method} ${path} HTTP/1.1`,
    "Host: localhost",
    "Connection: close",
  ];
  const login = `Authorization: ${reader}`;
  const push = lines(...start("POST"), "Content-Length: 0");
  const loggedPush = lines(...start("POST"), login, "Content-Length: 0");
  const chunked = (...headers: string[]) =>
    `${lines(...start("POST"), login, ...headers)}${push.length.toString(16)}\r\n${push}\r\n0\r\n\r\n`;
  return {
    ...Object.fromEntries(
      ["PROPFIND", "MKCOL", "COPY", "MOVE", "LOCK", "TRACE", "CONNECT", "PURGE", "GETX", "HEADPUT", "post"].map(
        (method) => [`the method ${method}`, lines(...start(method), login, "Content-Length: 0")],
      ),
    ),
    ...Object.fromEntries(
      [
        "/v2/by/crane/blobs/uploads",
        "/v2//by/crane/blobs/uploads/",
        "/v2/by/./crane/blobs/uploads/",
        "/v2/by/x/../crane/blobs/uploads/",
        "/v2/by%2fcrane/blobs/uploads/",
        "/v2/%2e%2e/v2/by/crane/blobs/uploads/",
        "/v2/../v2/by/crane/blobs/uploads/",
        "/v2/by/crane/blobs/uploads/%00",
        "/v2/by/crane/blobs/uploads/;x",
        "/v2/by/crane/blobs/uploads/?_method=GET",
        "/V2/by/crane/blobs/uploads/",
        "/_login",
        "/v2/../_login",
        "/granted",
        "http://localhost/v2/by/crane/blobs/uploads/",
        "//v2/by/crane/blobs/uploads/",
        "/v2/by/crane/blobs/uploads/#x",
      ].map((path) => [`the path ${path}`, lines(...start("POST", path), login, "Content-Length: 0")]),
    ),
    "two logins, the weaker first": lines(...start("POST"), login, `Authorization: ${other}`, "Content-Length: 0"),
    "two logins, the weaker last": lines(...start("POST"), `Authorization: ${other}`, login, "Content-Length: 0"),
    "two logins in one": lines(...start("POST"), `${login}, ${other}`, "Content-Length: 0"),
    "a login with a blank before its colon": lines(...start("POST"), `Authorization : ${reader}`, "Content-Length: 0"),
    "a login that goes on in the next line": lines(...start("POST"), login, ` ${other}`, "Content-Length: 0"),
    "a login for a proxy": lines(...start("POST"), `Proxy-Authorization: ${reader}`, "Content-Length: 0"),
    "a login that is dropped on the way": lines(
      "POST /v2/by/crane/blobs/uploads/ HTTP/1.1",
      "Host: localhost",
      "Connection: close, authorization",
      login,
      "Content-Length: 0",
    ),
    "the name of another user in headers": lines(
      ...start("POST"),
      login,
      "Remote-User: ci",
      "X-Forwarded-User: ci",
      "X-WEBAUTH-USER: ci",
      "Content-Length: 0",
    ),
    "another method in a header": lines(...start("POST"), login, "X-HTTP-Method-Override: GET", "Content-Length: 0"),
    "another path in a header": lines(
      ...start("POST", "/v2/"),
      login,
      "X-Original-URL: /v2/by/crane/blobs/uploads/",
      "X-Accel-Redirect: /v2/by/crane/blobs/uploads/",
      "Content-Length: 0",
    ),
    "a push behind a length and chunks": chunked("Content-Length: 4", "Transfer-Encoding: chunked"),
    "a push in a body of chunks": chunked("Transfer-Encoding: chunked"),
    "a push in a body of unknown coding": chunked("Transfer-Encoding: xchunked"),
    "a push in a body of chunks twice": chunked("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
    "a push in a body of chunks, with a tab": chunked("Transfer-Encoding:\tchunked"),
    "a push in a body of chunks and no coding": chunked("Transfer-Encoding: chunked, identity"),
    "a push behind two lengths": lines(...start("POST"), login, "Content-Length: 0", "Content-Length: 9") + push,
    "a push behind a negative length": lines(...start("POST"), login, "Content-Length: -1") + push,
    "a push behind a length with a plus": lines(...start("POST"), login, "Content-Length: +0") + push,
    "a push behind a push on one connection": loggedPush.replace("Connection: close\r\n", "") + loggedPush,
    "HTTP/1.0": loggedPush.replace("HTTP/1.1", "HTTP/1.0"),
    "HTTP/0.9": "POST /v2/by/crane/blobs/uploads/\r\n",
    "another protocol": lines(
      ...start("POST").slice(0, 2),
      "Connection: Upgrade",
      "Upgrade: h2c",
      login,
      "Content-Length: 0",
    ),
    "no host": `POST /v2/by/crane/blobs/uploads/ HTTP/1.1\r\n${login}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    "line feeds alone": loggedPush.replaceAll("\r\n", "\n"),
  };
}

/** What a user who may only pull can hide behind a pull that is allowed: only the pull is answered. */
export function hiddenBehindPulls(reader: string): { readonly [title: string]: string } {
  const push = "POST /v2/by/crane/blobs/uploads/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
  const pull = (...headers: string[]) =>
    ["GET /v2/ HTTP/1.1", "Host: localhost", "Connection: close", `Authorization: ${reader}`, ...headers].join("\r\n");
  return {
    "a push in the body of a pull": `${pull(`Content-Length: ${push.length}`)}\r\n\r\n${push}`,
    "a push in the chunks of a pull": `${pull("Transfer-Encoding: chunked")}\r\n\r\n${push.length.toString(16)}\r\n${push}\r\n0\r\n\r\n`,
    "another method in a header of a pull": `${pull("X-HTTP-Method-Override: DELETE", "X-Method-Override: DELETE")}\r\n\r\n`,
  };
}
