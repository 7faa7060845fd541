import { digestHeaders, sentAsFile, unknownBlob } from "./acceleration";
import { block } from "./block";
import { fileErrorPages } from "./error-pages";
import type { NginxFragment } from "./fragment";
import { onlyWithNjs, onlyWithSharedDictionaries, scriptObject } from "./njs";

/** The script that answers for manifests. */
export const DIRECT_PULLS = "direct-pulls";

/** The script that tells what a repository has. */
export const REPOSITORY_FACTS = "repository-facts";

/** What the direct pulls of nginx.conf depend on. */
export interface NginxDirectPulls {
  /** Where the registry's data is mounted, with `docker/registry/v2` below it. */
  readonly rootDirectory: string;
  /** The headers that the registry adds to each of its answers; their values have no `$`. */
  readonly registryHeaders: { readonly [name: string]: string[] };
  /** `add_header` lines of the public server: a location that adds headers of its own inherits none. */
  readonly serverHeaders: string[];
  /** What a request has to pass before it may see the registry. */
  readonly checks: string[];
  /** Whether the files know tags; a mirror asks its upstream each time, or they would never move again. */
  readonly hasTags: boolean;
  /** Whether a list of tags also tells digests, times and bytes, to who asks for it by `?facts`. */
  readonly hasFacts?: boolean;
}

/** What the health check gets where the registry is down and pulls go on. */
export const PULLS_ONLY = "/pulls-only";

// The grammar of the distribution specification. A registry takes a little more (a host and its port as the beginning
// of a name): it is asked for that.
const COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const REPOSITORY = `(?<direct_repository>${COMPONENT}(?:/${COMPONENT})*)`;
const HEX = "(?<direct_hex>(?<direct_shard>[0-9a-f]{2})[0-9a-f]{62})";
const DIGEST = "sha256:[0-9a-f]{64}";
const TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";

/**
 * Pulls that never touch the registry: its files say which repository has what, and nginx reads them at each request.
 * Nothing is remembered, so that nothing can be stale. Blobs need nothing but nginx, manifests need njs; whatever is not
 * sure goes to the registry, as all requests did before.
 */
export function directPulls(direct: NginxDirectPulls): NginxFragment {
  return {
    optionalScripts: directScripts(direct),
    http: [
      "# Which file answers a request, if any. The address must be the same as it came and as nginx reads it: with encoded",
      "# characters, dots or double slashes it goes to the registry. Volatile, as subrequests share the variables.",
      ...blobMap(direct),
      ...onlyWithNjs(manifestMap(direct)),
    ],
    server: [
      "",
      "# Pulls: answered from the registry's files, which nobody caches.",
      ...block("if (-f $direct_blob)", ["rewrite ^ /_direct/blob last;"]),
      ...blobLocation(direct),
      ...block("location @unknown_direct_blob", [
        ...commonHeaders(direct),
        "",
        "# The repository has it, but its file is gone.",
        ...unknownBlob("sha256:$direct_hex"),
      ]),
      ...onlyWithNjs([
        ...block("if ($direct_answer)", ["rewrite ^ $direct_answer last;"]),
        ...scriptLocation(direct, "manifest"),
        ...manifestFileLocation(direct),
        ...scriptLocation(direct, "root"),
        ...(direct.hasFacts ? scriptLocation(direct, "facts", REPOSITORY_FACTS) : []),
      ]),
    ],
    health: direct.hasTags
      ? onlyWithNjs(
          block(`location = ${PULLS_ONLY}`, [
            "default_type text/plain;",
            "return 200 'pulls only: the registry does not answer\\n';",
          ]),
        )
      : [],
  };
}

/** Scripts that are called where the image has njs. */
export function directScripts({ hasFacts }: Pick<NginxDirectPulls, "hasFacts">): string[] {
  return hasFacts ? [DIRECT_PULLS, REPOSITORY_FACTS] : [DIRECT_PULLS];
}

function blobMap({ rootDirectory }: NginxDirectPulls): string[] {
  const link = `${registryFiles(rootDirectory)}/repositories/$direct_repository/_layers/sha256/$direct_hex/link`;
  return block(
    'map "$http_if_match$http_if_none_match$http_if_unmodified_since $request_method $uri $request_uri" $direct_blob',
    ["volatile;", `'~^ (?:GET|HEAD) (/v2/${REPOSITORY}/blobs/sha256:${HEX}) \\1(?:\\?|$)' '${link}';`, "default '';"],
  );
}

function manifestMap({ hasTags, hasFacts }: NginxDirectPulls): string[] {
  const reference = `(?<direct_reference>${hasTags ? `${DIGEST}|${TAG}` : DIGEST})`;
  return [
    "# Set when the script has found nothing that is sure.",
    "js_var $asks_registry;",
    "# Where the file of a manifest is, whose length and type are known; they follow from its digest.",
    "js_var $manifest_file;",
    ...onlyWithSharedDictionaries(["js_shared_dict_zone zone=manifests:2m timeout=1d evict;"]),
    ...block('map "$asks_registry $request_method $uri $request_uri" $direct_answer', [
      "volatile;",
      `'~^ (?:GET|HEAD) (/v2/${REPOSITORY}/manifests/${reference}) \\1(?:\\?|$)' /_direct/manifest;`,
      "# Clients ask for this before anything else.",
      "'~^ (?:GET|HEAD) /v2/ /v2/(?:\\?|$)' /_direct/root;",
      ...(hasFacts
        ? [
            "# For the page; clients never ask like this.",
            `'~^ GET (/v2/${REPOSITORY}/tags/list) \\1\\?facts$' /_direct/facts;`,
          ]
        : []),
      "default '';",
    ]),
  ];
}

function blobLocation(direct: NginxDirectPulls): string[] {
  return block("location = /_direct/blob", [
    "internal;",
    ...direct.checks,
    "error_page 404 = @unknown_direct_blob;",
    ...fileErrorPages(),
    "",
    ...commonHeaders(direct),
    ...digestHeaders("sha256:$direct_hex"),
    "",
    ...sentAsFile(direct.rootDirectory),
    "# Not by try_files, which opens it once more: each folder on the way is looked at.",
    `alias ${registryFiles(direct.rootDirectory)}/blobs/sha256/$direct_shard/$direct_hex/data;`,
    "log_not_found off;",
  ]);
}

function scriptLocation(
  direct: NginxDirectPulls,
  name: "manifest" | "root" | "facts",
  script = DIRECT_PULLS,
): string[] {
  return block(`location = /_direct/${name}`, [
    "internal;",
    ...direct.checks,
    ...fileErrorPages(),
    "",
    ...commonHeaders(direct),
    "",
    ...(name !== "root" ? [`set $registry_files ${registryFiles(direct.rootDirectory)};`] : []),
    "# The script knows the type, and a 304 has none.",
    "default_type '';",
    `js_content ${scriptObject(script)}.${name};`,
  ]);
}

/** As the registry sends it: whole, whatever part is asked for. */
function manifestFileLocation(direct: NginxDirectPulls): string[] {
  return [
    ...block("location = /_direct/manifest-file", [
      "# From the script only, whose own location has the checks.",
      "internal;",
      "# It was there a moment ago.",
      "error_page 403 404 = @unknown_manifest_file;",
      ...fileErrorPages(),
      "",
      ...commonHeaders(direct),
      "",
      ...sentAsFile(direct.rootDirectory),
      "max_ranges 0;",
      "# Read and written at once with its headers: two calls instead of four, which counts where there are few bytes.",
      "sendfile off;",
      `alias ${registryFiles(direct.rootDirectory)}/blobs/sha256/$manifest_file/data;`,
      "log_not_found off;",
    ]),
    ...block("location @unknown_manifest_file", [`js_content ${scriptObject(DIRECT_PULLS)}.askRegistry;`]),
  ];
}

function commonHeaders({ registryHeaders, serverHeaders }: NginxDirectPulls): string[] {
  return [
    "add_header Docker-Distribution-Api-Version registry/2.0 always;",
    ...serverHeaders,
    ...Object.entries(registryHeaders).flatMap(([name, values]) =>
      values.map((value) => `add_header ${name} '${value.replace(/[\\']/g, "\\$&")}' always;`),
    ),
  ];
}

function registryFiles(rootDirectory: string): string {
  return `${rootDirectory}/docker/registry/v2`;
}
