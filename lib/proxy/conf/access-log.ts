import { block } from "./block";
import type { NginxFragment } from "./fragment";

/** In `http`, where requests are not written down. */
export const NO_ACCESS_LOG = "access_log off;";

/** Each request to the given file, at once or in the given way. */
export function nginxAccessLog(file: string, buffering = ""): NginxFragment {
  return {
    log: [
      "# Who asked for what, which upstream answered, and where the time went.",
      "# In quotes is what a client may have filled with blanks and brackets; nginx writes quotes in it as \\x22.",
      'log_format registry \'$remote_addr - "$remote_user" [$time_iso8601] "$request" $status $body_bytes_sent \'',
      "                    '\"$http_user_agent\" upstream=$upstream_addr request_time=$request_time '",
      "                    'connect_time=$upstream_connect_time header_time=$upstream_header_time '",
      "                    'response_time=$upstream_response_time request_length=$request_length '",
      "                    'answered_by=$answered_by';",
      `access_log ${file} registry${buffering};`,
    ],
    http: [
      "# For the log: the registry, its files, or nginx by itself, as with a refused login.",
      ...block('map "$upstream_addr $status $uri" $answered_by', [
        "volatile;",
        "'~^ (?:200|206|304) /_direct/' files;",
        "'~^ ' proxy;",
        "default registry;",
      ]),
    ],
  };
}

/** Where one log is off nginx writes none at all: without an access log requests are counted and audited all the same. */
export function allLogs(lines: string[]): string[] {
  return lines.some((line) => line.startsWith("access_log /")) ? lines.filter((line) => line !== NO_ACCESS_LOG) : lines;
}
