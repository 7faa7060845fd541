import { block } from "./block";
import { errorBody } from "./error-body";
import type { NginxFragment } from "./fragment";

/** nginx's own status for too many connections; the registry's 429 must not be taken for it. */
export const TOO_MANY_CONNECTIONS = 599;

/** What clients are told about errors that nginx finds by itself, in the words of the registry's API. */
const ERRORS: { readonly [status: number]: { readonly code: string; readonly message: string } } = {
  400: { code: "UNKNOWN", message: "this is not a valid HTTP request" },
  403: { code: "DENIED", message: "requested access to the resource is denied" },
  404: { code: "NAME_UNKNOWN", message: "only the registry's API, below /v2/, is served here" },
  405: { code: "UNSUPPORTED", message: "this method is not supported here" },
  408: { code: "UNKNOWN", message: "the request took too long" },
  412: { code: "UNKNOWN", message: "a precondition of the request does not hold" },
  413: { code: "SIZE_INVALID", message: "the request's body is larger than this registry accepts" },
  414: { code: "UNKNOWN", message: "the request's address is too long" },
  416: { code: "RANGE_INVALID", message: "the blob has no such range" },
  421: { code: "UNSUPPORTED", message: "this registry has another host name: otherHostNames of the proxy adds one" },
  429: {
    code: "TOOMANYREQUESTS",
    message: "too many connections from this address or with this login: try again in a moment",
  },
  431: { code: "UNKNOWN", message: "the request's headers are too large" },
  500: { code: "UNKNOWN", message: "the registry's proxy failed" },
  502: { code: "UNAVAILABLE", message: "the registry does not answer: try again in a moment" },
  503: { code: "UNAVAILABLE", message: "the registry is not available: try again in a moment" },
  504: { code: "UNAVAILABLE", message: "the registry took too long to answer" },
};

/** As an operand of `error_page`: a location that keeps the status. */
const ERROR_PAGE = "@error";

/** The same for requests without a valid address, which nginx cannot send to a named location. */
const EARLY_ERROR_PAGE = "/_error";
const EARLY = ["400", "414"];

/** Clients show what is in the registry's format, and stumble over the HTML that nginx would send. */
export function errorPages(url: string): NginxFragment {
  const plain = `this port speaks HTTPS only, as ${url}: give the client the CA's certificate, log in, and turn its plain HTTP off`;
  return {
    http: [
      "# Errors that nginx finds by itself, in the format of the registry's API.",
      ...block("map $status $error_body", [
        ...Object.entries(ERRORS).map(([status, { code, message }]) => `${status} '${errorBody(code, message)}';`),
        `default '${errorBody("UNKNOWN", "the request failed")}';`,
      ]),
    ],
    server: [
      "",
      `error_page ${EARLY.join(" ")} ${EARLY_ERROR_PAGE};`,
      "# nginx's own for headers that are too large.",
      `error_page 494 =431 ${EARLY_ERROR_PAGE};`,
      `error_page ${Object.keys(ERRORS)
        .filter((status) => !EARLY.includes(status))
        .join(" ")} ${ERROR_PAGE};`,
      `error_page ${TOO_MANY_CONNECTIONS} =429 ${ERROR_PAGE};`,
      "# nginx's own: a client's certificate, and plain HTTP where TLS is spoken.",
      `error_page 495 496 =400 ${ERROR_PAGE};`,
      "error_page 497 =403 @plain_http;",
      "recursive_error_pages on;",
      ...[ERROR_PAGE, `= ${EARLY_ERROR_PAGE}`].flatMap((name) =>
        block(`location ${name}`, [
          ...(name === ERROR_PAGE ? [] : ["internal;"]),
          "default_type application/json;",
          "return 200 $error_body;",
        ]),
      ),
      "# 403, since after a HEAD containerd asks again by GET for that one only, and shows what it says.",
      ...block("location @plain_http", [
        "default_type application/json;",
        `return 403 '${errorBody("DENIED", plain)}';`,
      ]),
    ],
  };
}

/** In a location that says `error_page` for some status itself, and then inherits none: for what nginx says there. */
export function fileErrorPages(): string[] {
  return [
    `error_page 403 404 405 408 412 416 500 ${ERROR_PAGE};`,
    `error_page ${TOO_MANY_CONNECTIONS} =429 ${ERROR_PAGE};`,
  ];
}

/** In the location of the registry, whose own errors go to the client as they are: what only nginx says. */
export function registryErrorPages(): string[] {
  return [
    "# Not those that the registry says too: they would lose their details.",
    `error_page 403 408 413 502 504 ${ERROR_PAGE};`,
    `error_page ${TOO_MANY_CONNECTIONS} =429 ${ERROR_PAGE};`,
  ];
}
