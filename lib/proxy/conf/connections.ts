import { clientNetwork } from "./client-network";
import { TOO_MANY_CONNECTIONS } from "./error-pages";

/** How long a client may take, and how much it may send. */
export interface NginxConnections {
  /** 0: no limit. */
  readonly bodyLimitMiB: number;
  readonly headerTimeoutSeconds: number;
  readonly bodyTimeoutSeconds: number;
  readonly keepaliveTimeoutSeconds: number;
}

/** For `http`: what holds for each connection. */
export function connections(config: NginxConnections): string[] {
  return [
    "default_type application/octet-stream;",
    "charset utf-8;",
    "server_tokens off;",
    "sendfile on;",
    "tcp_nopush on;",
    `keepalive_timeout ${config.keepaliveTimeoutSeconds}s;`,
    "# A client that pulls many small layers keeps its connection.",
    "keepalive_requests 10000;",
    "reset_timedout_connection on;",
    "# Bearer and basic credentials of some clients are longer than the default buffers.",
    "large_client_header_buffers 4 32k;",
    `client_header_timeout ${config.headerTimeoutSeconds}s;`,
    `client_body_timeout ${config.bodyTimeoutSeconds}s;`,
    `send_timeout ${config.bodyTimeoutSeconds}s;`,
    ...clientNetwork("$remote_addr", "$client_network", "$binary_remote_addr"),
    "# What one of them may have of the connections: nobody can take them all.",
    "limit_conn_zone $client_network zone=addresses:4m;",
    `limit_conn_status ${TOO_MANY_CONNECTIONS};`,
    "# Layers have no size that one could guess: 0 is no limit.",
    `client_max_body_size ${config.bodyLimitMiB === 0 ? "0" : `${config.bodyLimitMiB}m`};`,
  ];
}
