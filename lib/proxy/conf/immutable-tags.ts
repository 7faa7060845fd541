import type { ImmutableTags } from "../../registry/immutable-tags";
import { block } from "./block";
import type { NginxFragment } from "./fragment";
import { scriptObject } from "./njs";
import { type NginxUpstream, passRewritten } from "./upstream";

/** Scripts in the order in which they need each other; nginx.conf calls the last one. */
export const IMMUTABLE_TAGS_SCRIPTS = ["policy", "request", "kept-content", "immutable-tags"];

/** The rules, as people read them in a plan. */
export const IMMUTABLE_TAGS = "immutable-tags.json";

const SCRIPT = "immutable-tags";

/** A registry takes no larger manifest than one of 4 MiB. */
const LARGEST_MANIFEST = "5m";

const LOCKS = "/tmp/tags-*.lock";

/** What the guard of tags depends on. */
export interface NginxImmutableTags {
  readonly upstream: NginxUpstream;
  /** What a request has to pass before it may see the registry, and what is said where it fails. */
  readonly checks: string[];
  /** How requests go to the registry, whatever stands in the way. */
  readonly proxying: (address: string) => string[];
}

/** A rule a line: what a change of them means is to be read in the plan. */
export function immutableTagsFile(rules: ImmutableTags[]): string {
  const list = (items: string[]) => `[${items.map((item) => JSON.stringify(item)).join(", ")}]`;
  const lines = rules.map(
    ({ tags, repositories = ["**"] }) => `  {"repositories": ${list(repositories)}, "tags": ${list(tags)}}`,
  );
  return `[\n${lines.join(",\n")}\n]\n`;
}

/**
 * Tags that stay. A script looks at what a request would change before the registry gets it; pulls and uploads never
 * meet it.
 */
export function immutableTags({ upstream, checks, proxying }: NginxImmutableTags): NginxFragment {
  const call = (name: string) => `js_content ${scriptObject(SCRIPT)}.${name};`;
  return {
    scripts: [SCRIPT],
    http: [
      "# Tags that stay once they are there.",
      `js_preload_object immutable_tags from ${IMMUTABLE_TAGS};`,
      "# Why a request may not change one, for the log.",
      "js_var $refused_tag;",
      `js_set $tags_route ${scriptObject(SCRIPT)}.route;`,
      "# Volatile, as what the script asks for is a request of its own and must not meet it again.",
      ...block('map "$request_method $uri" $tags_guard', [
        "volatile;",
        "'~^(?:PUT|DELETE) /v2/' $tags_route;",
        "default '';",
      ]),
    ],
    server: [
      "",
      ...block("if ($tags_guard)", ["rewrite ^ $tags_guard last;"]),
      ...block("location = /_tags/push", [
        "internal;",
        ...checks,
        "",
        "# A manifest's digest is to be known before the registry has it.",
        `client_max_body_size ${LARGEST_MANIFEST};`,
        `client_body_buffer_size ${LARGEST_MANIFEST};`,
        call("push"),
      ]),
      ...block("location = /_tags/delete", [
        "internal;",
        ...checks,
        "",
        `subrequest_output_buffer_size ${LARGEST_MANIFEST};`,
        call("remove"),
      ]),
      ...block("location = /_tags/nothing", ["internal;", "return 404;"]),
      ...block("location = /_tags/write", [
        "internal;",
        ...checks,
        "",
        ...proxying("$request_uri"),
        "# A client that does not wait must not have the next one begin: the registry may be writing.",
        "proxy_ignore_client_abort on;",
      ]),
      ...block("location /_tags/registry/", [
        "internal;",
        ...checks,
        "",
        ...passRewritten(upstream, "rewrite ^/_tags/registry(/.*)$ $1 break;"),
        "proxy_ignore_client_abort on;",
        "proxy_pass_request_body off;",
        "proxy_pass_request_headers off;",
        "proxy_set_header Host $http_host;",
        "proxy_set_header Content-Length '';",
        "# All types: of others the registry would tell the digest of something else.",
        `proxy_set_header Accept '${TYPES.join(", ")}';`,
        `subrequest_output_buffer_size ${LARGEST_MANIFEST};`,
        "proxy_max_temp_file_size 0;",
      ]),
    ],
  };
}

const TYPES = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

/**
 * Takes away locks whose process is no more, and those that are older than any request: one process does that, the
 * runner's, or two of them could take away what one has just taken.
 *
 * @param longestSeconds the longest that a lock can be held
 */
export function lockSweeper(longestSeconds: number): string {
  return `
for lock in ${LOCKS}; do
  [ -L "$lock" ] || continue
  holder=$(readlink "$lock") || continue
  age=$(($(date +%s) - $(stat -c %Y "$lock" || date +%s)))
  [ -d "/proc/$holder" ] && [ "$age" -lt ${longestSeconds} ] && continue
  # Still the same one: only who holds it could have given it to another.
  [ "$(readlink "$lock")" != "$holder" ] || rm -f "$lock"
done
`;
}
