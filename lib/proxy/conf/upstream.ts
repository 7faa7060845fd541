import type { RegistryUpstream } from "../../registry/registry";
import { block } from "./block";

/** How nginx reaches the registry. */
export interface NginxUpstream {
  /** `unix:<path>` or `<host>:<port>`. */
  readonly address: string;
  /** Name that the registry's certificate must have; plain HTTP when left out. */
  readonly tlsServerName?: string;
  /** Whether several registries have this name, each of which may go at any time. */
  readonly isReplicated?: boolean;
}

export const UPSTREAM_CA = "tls/upstream-ca.crt";

export function nginxUpstream({ address, caCertificatePem, isReplicated }: RegistryUpstream): NginxUpstream {
  return { address, tlsServerName: caCertificatePem ? address.replace(/:\d+$/, "") : undefined, isReplicated };
}

/** In `http`: what all requests to the registry share. */
export function upstreamDeclaration(upstream: NginxUpstream): string[] {
  return [
    ...(hasFixedAddress(upstream)
      ? block("upstream registry", [
          "# The only server there is: never left out because of an error.",
          `server ${upstream.address} max_fails=0;`,
          "keepalive 64;",
        ])
      : [
          "# The engine's own name server. A registry that was replaced may come back with another address:",
          "# the name is looked up while requests come in, and nginx starts before it is there.",
          `resolver 127.0.0.11 valid=${upstream.isReplicated ? 1 : 2}s ipv6=off;`,
        ]),
    ...(upstream.tlsServerName
      ? [
          "",
          "# The way to the registry is encrypted, and the registry has to prove who it is.",
          "proxy_ssl_verify on;",
          "proxy_ssl_verify_depth 3;",
          `proxy_ssl_trusted_certificate ${UPSTREAM_CA};`,
          `proxy_ssl_name ${upstream.tlsServerName};`,
          "proxy_ssl_server_name on;",
          "proxy_ssl_protocols TLSv1.2 TLSv1.3;",
          "proxy_ssl_session_reuse on;",
        ]
      : []),
  ];
}

const NEXT_REPLICA = [
  "# One that is gone is known by its name for another second. What it has not been told yet, and what may be asked twice,",
  "# another one is asked.",
  "proxy_connect_timeout 1s;",
  "proxy_next_upstream error timeout;",
  "proxy_next_upstream_tries 3;",
];

/** In a location: hands the request to the registry, or to where a variable says. */
export function passToUpstream(upstream: NginxUpstream, target?: string): string[] {
  const isFixed = hasFixedAddress(upstream);
  return [
    // A variable makes nginx look the name up at each request.
    ...(target || isFixed
      ? [`proxy_pass ${target ?? upstreamUrl(upstream)};`]
      : [`set $registry ${upstream.address};`, `proxy_pass ${scheme(upstream)}://$registry;`]),
    ...(isFixed ? [] : upstream.isReplicated ? NEXT_REPLICA : ["proxy_connect_timeout 5s;"]),
    "proxy_http_version 1.1;",
    "proxy_set_header Connection '';",
  ];
}

/** The same for another address: after a `break` nginx sets no variable any more, and the name of the registry is in one. */
export function passRewritten(upstream: NginxUpstream, rewrite: string): string[] {
  const pass = passToUpstream(upstream);
  return hasFixedAddress(upstream) ? [rewrite, ...pass] : [...pass, rewrite];
}

/** The registry's address as a variable of nginx.conf may hold it. */
export function upstreamUrl(upstream: NginxUpstream): string {
  return `${scheme(upstream)}://${hasFixedAddress(upstream) ? "registry" : upstream.address}`;
}

function scheme(upstream: NginxUpstream): string {
  return upstream.tlsServerName ? "https" : "http";
}

function hasFixedAddress(upstream: NginxUpstream): boolean {
  return upstream.address.startsWith("unix:");
}
