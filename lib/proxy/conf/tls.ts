import { block } from "./block";
import type { NginxFragment } from "./fragment";

/** Which TLS clients are understood; Mozilla's guideline 6.0. */
export enum TlsProfile {
  /** TLS 1.2 and 1.3: every client of the last ten years. */
  INTERMEDIATE = "intermediate",
  /** TLS 1.3 only. */
  MODERN = "modern",
}

/** What the TLS part of nginx.conf depends on. */
export interface NginxTls {
  /** Absolute, or relative to the folder of nginx.conf. */
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Only TLS 1.3. */
  readonly modern: boolean;
  /** Those of a file beside nginx.conf when left out, as its OpenSSL may not know them all. */
  readonly keyExchangeGroups?: string[];
  /** `max-age` of Strict-Transport-Security; not sent when left out. */
  readonly hstsSeconds?: number;
  /** Where a plain request is sent to, and the port that takes it; no HTTP when left out. */
  readonly redirect?: { readonly listen: string; readonly url: string };
}

export const SERVER_CERTIFICATE = "tls/server.crt";
export const SERVER_KEY = "tls/server.key";

// Mozilla's server-side TLS guideline 6.0, intermediate; TLS 1.3's own suites need no mention.
const INTERMEDIATE_CIPHERS = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
];

/** Key exchange groups of nginx.conf where its user names none. */
export const GROUPS = "tls/groups.conf";

/** They take the place of the others where the image's OpenSSL does not know those, and are not there afterwards. */
export const GROUPS_OF_OLDER_OPENSSL = "tls/groups-before-openssl-3.5.conf";

// Of the same guideline; the first is safe from quantum computers.
const BEST_GROUPS = ["X25519MLKEM768", "X25519", "prime256v1", "secp384r1"];

/** Both sets: the plan says what there is to choose from, and the image decides. */
export function keyExchangeFiles(): { path: string; content: string; review: string }[] {
  const file = (path: string, groups: string[]) => {
    const content = `${keyExchange(groups)}\n`;
    return { path, content, review: content };
  };
  return [file(GROUPS, BEST_GROUPS), file(GROUPS_OF_OLDER_OPENSSL, BEST_GROUPS.slice(1))];
}

function keyExchange(groups: string[]): string {
  return `ssl_ecdh_curve ${groups.join(":")};`;
}

/** @see https://wiki.mozilla.org/Security/Server_Side_TLS */
export function nginxTls(tls: NginxTls): NginxFragment {
  return {
    server: [
      "",
      `# Mozilla's guideline 6.0, ${tls.modern ? "modern" : "intermediate"}.`,
      `ssl_certificate ${tls.certificateFile};`,
      `ssl_certificate_key ${tls.keyFile};`,
      `ssl_protocols ${tls.modern ? "TLSv1.3" : "TLSv1.2 TLSv1.3"};`,
      ...(tls.modern ? [] : [`ssl_ciphers ${INTERMEDIATE_CIPHERS.join(":")};`]),
      ...(tls.keyExchangeGroups
        ? [keyExchange(tls.keyExchangeGroups)]
        : ["# The best that this OpenSSL knows: the config writer has tried it.", `include ${GROUPS};`]),
      "# All the suites are good ones: the client knows best which is fast on its machine.",
      "ssl_prefer_server_ciphers off;",
      "# Sessions are kept here instead of in tickets, whose key would have to be changed to keep old traffic secret.",
      "ssl_session_cache shared:tls:10m;",
      "ssl_session_timeout 1d;",
      "ssl_session_tickets off;",
      ...(tls.hstsSeconds === undefined
        ? []
        : [`add_header Strict-Transport-Security "max-age=${tls.hstsSeconds}" always;`]),
    ],
    servers: tls.redirect
      ? block("server", [
          `listen ${tls.redirect.listen};`,
          "# 308 keeps the method: a push stays a push.",
          `return 308 ${tls.redirect.url}$request_uri;`,
        ])
      : [],
  };
}
