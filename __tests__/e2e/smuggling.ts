/**
 * Requests whose end nginx and the registry could see in different places: what is behind it would be a request of its
 * own for one of them, past all that the other one checks.
 */

const HOST = "Host: localhost";

/** What is smuggled: it would begin an upload, in a repository of its own for each attempt. */
const hidden = (repository: string, login: string[]) =>
  lines([`POST /v2/${repository}/blobs/uploads/ HTTP/1.1`, HOST, ...login, "Content-Length: 0"]);

const lines = (all: string[]) => `${all.join("\r\n")}\r\n\r\n`;
const hex = (text: string) => text.length.toString(16);

/** How the outer request says where its body ends, with the body that holds the hidden one. */
const FRAMINGS: { readonly [title: string]: (hidden: string) => { headers: string[]; body: string } } = {
  "a length and chunks that end at once": (text) => ({
    headers: [`Content-Length: ${text.length + 5}`, "Transfer-Encoding: chunked"],
    body: `0\r\n\r\n${text}`,
  }),
  "chunks and a length that ends at once": (text) => ({
    headers: ["Transfer-Encoding: chunked", "Content-Length: 4"],
    body: `${hex(text)}\r\n${text}\r\n0\r\n\r\n`,
  }),
  "two lengths, the shorter first": (text) => ({
    headers: ["Content-Length: 0", `Content-Length: ${text.length}`],
    body: text,
  }),
  "two lengths, the shorter last": (text) => ({
    headers: [`Content-Length: ${text.length}`, "Content-Length: 0"],
    body: text,
  }),
  ...Object.fromEntries(
    ["0, 9", "+9", "-1", "0x9", "9 9", "9a", "\x0b9", "99999999999999999999", ""].map((value) => [
      `the length ${JSON.stringify(value)}`,
      (text: string) => ({ headers: [`Content-Length: ${value}`], body: text }),
    ]),
  ),
  ...Object.fromEntries(
    [
      "Transfer-Encoding : chunked",
      "Transfer-Encoding:\tchunked",
      "Transfer-Encoding: \x0bchunked",
      "Transfer-Encoding: chunked\0",
      "Transfer-Encoding: chunked, identity",
      "Transfer-Encoding: identity, chunked",
      "Transfer-Encoding: xchunked",
      'Transfer-Encoding: "chunked"',
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
      "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
      "Transfer-Encoding:\r\n chunked",
      "X-Folded: a\r\n Transfer-Encoding: chunked",
      "X-Line-Feed: a\nTransfer-Encoding: chunked",
      "X-Return: a\rTransfer-Encoding: chunked",
      "\0Transfer-Encoding: chunked",
      "Transfer_Encoding: chunked",
      "Connection: content-length\r\nTransfer-Encoding: chunked",
      "Trailer: Content-Length\r\nTransfer-Encoding: chunked",
    ].map((header) => [
      `${JSON.stringify(header)} beside a length`,
      (text: string) => ({ headers: [`Content-Length: ${text.length + 5}`, header], body: `0\r\n\r\n${text}` }),
    ]),
  ),
  ...Object.fromEntries(
    [
      "0;a=b",
      "0;a=\n",
      "0\n",
      "0 ",
      "00000000000000000000000",
      "0x0",
      "+0",
      "-0",
      "FFFFFFFFFFFFFFFFF0",
      "g",
      "",
      "\0",
    ].map((size) => [
      `a chunk of the size ${JSON.stringify(size)}`,
      (text: string) => ({ headers: ["Transfer-Encoding: chunked"], body: `${size}\r\n\r\n${text}` }),
    ]),
  ),
  "a chunk that is longer than it says": (text) => ({
    headers: ["Transfer-Encoding: chunked"],
    body: `1\r\n${text}\r\n0\r\n\r\n`,
  }),
  "a trailer that names a length": (text) => ({
    headers: ["Transfer-Encoding: chunked"],
    body: `0\r\nContent-Length: 0\r\n\r\n${text}`,
  }),
  "a body that nobody asked for": (text) => ({ headers: ["Expect: 100-continue", `Content-Length: 0`], body: text }),
  "another protocol": (text) => ({
    headers: ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"],
    body: text,
  }),
};

const OUTER = {
  GET: "GET /v2/ HTTP/1.1",
  "GET of an absolute address": "GET http://elsewhere.example/v2/ HTTP/1.1",
  POST: "POST /v2/outer/app/blobs/uploads/ HTTP/1.1",
  "GET of HTTP/1.0": "GET /v2/ HTTP/1.0",
};

/** Attempts by title: what is sent, and the repository that only the hidden request names. */
export function smuggling(word: string, authorization?: string): Map<string, { text: string; repository: string }> {
  const login = authorization ? [`Authorization: ${authorization}`] : [];
  const attempts = new Map<string, { text: string; repository: string }>();
  for (const [outer, start] of Object.entries(OUTER)) {
    for (const [title, frame] of Object.entries(FRAMINGS)) {
      const repository = `smuggled/${word}${attempts.size}`;
      const { headers, body } = frame(hidden(repository, login));
      const text = `${lines([start, HOST, ...login, ...headers])}${body}`;
      attempts.set(`${outer}, ${title}`, { text, repository });
    }
  }
  return attempts;
}
