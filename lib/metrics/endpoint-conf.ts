import { block } from "../proxy/conf/block";
import { temporaryFiles } from "../proxy/conf/temporary-files";

/** The text of nginx.conf of a small endpoint in a container of its own: few connections, no log, and what `http` serves. */
export function endpointConf(http: string[]): string {
  return `${[
    "# Rendered by cdktf-docker-registry: a change made here is lost at the next deploy.",
    "",
    "worker_processes 1;",
    "pid /tmp/nginx.pid;",
    "error_log stderr warn;",
    "",
    ...block("events", ["worker_connections 256;"]),
    "",
    ...block("http", [
      "access_log off;",
      "server_tokens off;",
      "# The root file system is read-only.",
      ...temporaryFiles(),
      ...http,
    ]),
  ].join("\n")}\n`;
}
