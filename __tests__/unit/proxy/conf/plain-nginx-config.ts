import { nginxAccessLog } from "../../../../lib/proxy/conf/access-log";
import type { NginxConfig } from "../../../../lib/proxy/conf/nginx-conf";

/** A proxy of plain HTTP with the defaults and no parts. */
export const CONFIG: NginxConfig = {
  listen: "8080",
  host: "registry.example.com",
  url: "http://registry.example.com",
  scheme: "http",
  upstream: { address: "unix:/run/registry/registry.sock" },
  workerConnections: 4096,
  connectionsPerAddress: 1024,
  bodyLimitMiB: 0,
  headerTimeoutSeconds: 60,
  bodyTimeoutSeconds: 300,
  upstreamTimeoutSeconds: 900,
  keepaliveTimeoutSeconds: 65,
  fragments: [nginxAccessLog("/dev/stdout")],
  extraServerDirectives: [],
};
