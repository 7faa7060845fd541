import { block } from "./block";
import type { NginxFragment } from "./fragment";
import { scriptObject } from "./njs";

/** Scripts of `njs/`; nginx.conf calls the first one. */
export const FIGURES_SCRIPTS = ["figures", "validity"];

/** The folder of a volume with the socket on which the proxy tells its figures. */
export const FIGURES_FOLDER = "/run/figures";

/** Name of that socket. */
export const FIGURES_SOCKET = "proxy.sock";

/** First words of the line that counts requests; a proxy without an access log has this one only. */
const COUNTED = "access_log /dev/null";

/** What a proxy says of itself to Prometheus. */
export interface NginxFigures {
  /** Its name among others. */
  readonly name: string;
  /** The file with what it serves TLS with, if it does. */
  readonly certificateFile?: string;
  /**
   * A port, where no socket leads to the endpoint.
   *
   * @default - the socket
   */
  readonly port?: number;
}

/** Counts what is answered, by a script that is asked when a request has ended; shown to the metrics' endpoint. */
export function proxyFigures({ name, certificateFile, port }: NginxFigures): NginxFragment {
  const script = scriptObject(FIGURES_SCRIPTS[0]);
  return {
    scripts: [FIGURES_SCRIPTS[0]],
    log: ["# Nothing is written: the condition counts the request.", `${COUNTED} combined if=$counted;`],
    http: [
      "# For Prometheus. A megabyte holds thousands of figures, and there are hundreds at most.",
      "js_shared_dict_zone zone=figures:1m type=number;",
      `js_set $counted ${script}.count;`,
    ],
    servers: block("server", [
      ...(port === undefined
        ? [
            "# To who has the volume with this socket: the endpoint of the metrics.",
            `listen unix:${FIGURES_FOLDER}/${FIGURES_SOCKET};`,
          ]
        : ["# To the endpoint of the metrics, on networks that lead to it. It is not published.", `listen ${port};`]),
      "access_log off;",
      ...block("location = /", [
        `set $proxy_name ${name};`,
        `set $certificate_file '${certificateFile ?? ""}';`,
        `js_content ${script}.show;`,
      ]),
      ...block("location = /_connections", ["internal;", "stub_status;"]),
      ...block("location /", ["return 404;"]),
    ]),
  };
}
