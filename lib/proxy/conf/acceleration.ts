import { block } from "./block";
import type { NginxFragment } from "./fragment";

/** What the accelerated pulls of nginx.conf depend on. */
export interface NginxAcceleration {
  /** Host that the registry redirects to when it allows a blob; no client ever sees it. */
  readonly redirectHost: string;
  /** Where the registry's data is mounted, with `docker/registry/v2` below it. */
  readonly rootDirectory: string;
  /** Names of the headers that the registry adds to each of its answers. */
  readonly registryHeaders: string[];
  /** `add_header` lines of the public server: a location that adds headers of its own inherits none. */
  readonly serverHeaders: string[];
}

/** The socket of the server that answers conditional requests, inside the proxy's container. */
const CONDITIONAL_SOCKET = "/tmp/blobs.sock";

const BLOB = "/docker/registry/v2/blobs/([a-z0-9]+)/[0-9a-f][0-9a-f]/([0-9a-f]+)/data";

/**
 * The registry decides, nginx sends: the registry checks the user and that the repository has the blob, then
 * redirects to a host that does not exist; nginx takes the redirect for itself and sends the file by sendfile.
 */
export function acceleratedPulls(acceleration: NginxAcceleration): NginxFragment {
  return {
    http: maps(acceleration.redirectHost),
    server: [
      "",
      ...sender(acceleration),
      "",
      ...conditionalSender(acceleration),
      "",
      ...vanishedBlob(acceleration),
      "",
      ...noSuchPart(acceleration),
    ],
    registry: [
      "# A redirect is the registry's word that this user may have this blob: nginx sends the file.",
      "proxy_intercept_errors on;",
      "error_page 307 = $blob_sender;",
      "recursive_error_pages on;",
      "",
    ],
    servers: conditionalServer(acceleration.rootDirectory),
  };
}

function maps(redirectHost: string): string[] {
  const location = `~^http://${redirectHost.replace(/\./g, "\\.")}`;
  return [
    "# The file and the digest of the blob that the registry has just allowed: taken from its answer, and from",
    "# nothing that a client sends.",
    ...block("map $upstream_http_location $blob_file", [`'${location}(${BLOB})$' $1;`, "default '';"]),
    ...block("map $upstream_http_location $blob_digest", [`'${location}${BLOB}$' $1:$2;`, "default '';"]),
    "# The registry compares these headers with the digest; nginx would compare them with the file's time.",
    ...block("map $http_if_match$http_if_none_match$http_if_unmodified_since $blob_sender", [
      "'' @blob;",
      "default @conditional_blob;",
    ]),
    ...block('map "$blob_digest $http_if_match" $blob_if_match_fails', [
      "'~^\\S+ $' '';",
      "'~^\\S+ \\s*\\*' '';",
      "'~^(\\S+) (?:.*,)?\\s*\"\\1\"' '';",
      "default 1;",
    ]),
    ...block('map "$blob_digest $http_if_none_match" $blob_if_none_match', [
      "'~^\\S+ \\s*\\*' '*';",
      "'~^(\\S+) (?:.*,)?\\s*(?:W/)?\"\\1\"' '*';",
      "default '';",
    ]),
  ];
}

function sender(acceleration: NginxAcceleration): string[] {
  return block("location @blob", [
    ...blobHeaders(acceleration),
    "",
    `root ${acceleration.rootDirectory};`,
    ...sentAsFile(acceleration.rootDirectory),
    "try_files $blob_file @vanished_blob;",
  ]);
}

/** In a location that sends the file of a blob. */
export function sentAsFile(rootDirectory: string): string[] {
  return [
    "types {}",
    "default_type application/octet-stream;",
    "# As the registry does it: a blob is known by its digest, never by the time of its file.",
    "etag off;",
    "if_modified_since off;",
    "add_header Last-Modified '';",
    "# Without sendfile, that is over TLS, nginx reads in pieces of this size: with 2 of 32k a pull takes a tenth longer.",
    "output_buffers 1 256k;",
    ...noLinks(rootDirectory),
  ];
}

function conditionalSender(acceleration: NginxAcceleration): string[] {
  return block("location @conditional_blob", [
    ...blobHeaders(acceleration),
    "",
    ...block("if ($blob_if_match_fails)", ["return 412;"]),
    "set $file $blob_file;",
    "# To a server that is told whether the digest is the one that the client has.",
    `proxy_pass http://unix:${CONDITIONAL_SOCKET}:$file;`,
    "proxy_http_version 1.1;",
    "proxy_set_header Connection '';",
    "proxy_set_header If-None-Match $blob_if_none_match;",
    "proxy_set_header If-Match '';",
    "proxy_set_header If-Modified-Since '';",
    "proxy_set_header If-Unmodified-Since '';",
    "proxy_hide_header ETag;",
    "proxy_hide_header Last-Modified;",
    "proxy_max_temp_file_size 0;",
    "proxy_intercept_errors on;",
    "error_page 404 = @vanished_blob;",
    "error_page 412 416 @no_such_part;",
  ]);
}

function vanishedBlob(acceleration: NginxAcceleration): string[] {
  return block("location @vanished_blob", [
    ...commonHeaders(acceleration),
    "",
    "# The registry may remember a blob whose file has gone; by itself it would answer 200 without a body.",
    ...unknownBlob("$blob_digest"),
  ]);
}

/** The registry's words. */
export function unknownBlob(digest: string): string[] {
  return [
    "default_type application/json;",
    `return 404 '{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown to registry","detail":"${digest}"}]}\\n';`,
  ];
}

function noSuchPart(acceleration: NginxAcceleration): string[] {
  return block("location @no_such_part", [
    ...commonHeaders(acceleration),
    "",
    "default_type application/json;",
    "return 200 $error_body;",
  ]);
}

function conditionalServer(rootDirectory: string): string[] {
  return block("server", [
    `listen unix:${CONDITIONAL_SOCKET};`,
    "access_log off;",
    `root ${rootDirectory};`,
    ...noLinks(rootDirectory),
    "types {}",
    "etag off;",
    ...block(`location ~ '^${BLOB}$'`, ["# For If-Range.", "add_header ETag '\"$1:$2\"';"]),
    ...block("location /", ["return 404;"]),
  ]);
}

/**
 * The registry makes no links; one that somebody planted in the volume would lead to whatever nginx can read.
 * Below `blobs` only, as each folder takes time: a link above it leads to no file that is called like a blob's.
 */
function noLinks(rootDirectory: string): string[] {
  return [`disable_symlinks on from=${rootDirectory}/docker/registry/v2/blobs;`];
}

function blobHeaders(acceleration: NginxAcceleration): string[] {
  return [
    // Kept at once: such variables are about the last answer, and another may come after the registry's.
    ...acceleration.registryHeaders.map((name) => `set ${kept(name)} $upstream_http_${snakeCase(name)};`),
    ...commonHeaders(acceleration),
    ...digestHeaders("$blob_digest"),
  ];
}

/** What the registry says of a blob that it sends. */
export function digestHeaders(digest: string): string[] {
  return [
    `add_header Docker-Content-Digest ${digest};`,
    `add_header ETag '"${digest}"';`,
    "# What a digest stands for never changes.",
    "add_header Cache-Control max-age=31536000;",
  ];
}

function commonHeaders({ registryHeaders, serverHeaders }: NginxAcceleration): string[] {
  return [
    "add_header Docker-Distribution-Api-Version registry/2.0 always;",
    ...serverHeaders,
    ...registryHeaders.map((name) => `add_header ${name} ${kept(name)} always;`),
  ];
}

function kept(header: string): string {
  return `$registry_${snakeCase(header)}`;
}

function snakeCase(header: string): string {
  return header.toLowerCase().replace(/[^a-z0-9]/g, "_");
}
