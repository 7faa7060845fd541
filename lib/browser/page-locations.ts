import { CONFIG_FOLDER } from "../docker/config-volume";
import type { NginxLocation } from "../proxy/conf/fragment";

/** Scripts, styles and answers come from the registry's own address, and nothing else counts, whatever a name holds. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

/** The locations of the page: itself at `/`, and what belongs to it below `/browser/`. */
export function pageLocations(folder: string): NginxLocation[] {
  const root = `${CONFIG_FOLDER}/current/${folder}`;
  return [
    {
      match: "= /",
      lines: [
        ...headers("no-cache"),
        "types {}",
        "default_type text/html;",
        `root ${root};`,
        "try_files /index.html =404;",
      ],
    },
    {
      match: "/browser/",
      lines: [
        "# Their names hold digests: what is in a file never changes.",
        ...headers("max-age=31536000, immutable"),
        "types {",
        "    text/javascript js;",
        "    text/css css;",
        "    image/svg+xml svg;",
        "    text/plain txt;",
        "}",
        "gzip on;",
        "gzip_vary on;",
        "gzip_types text/javascript text/css image/svg+xml;",
        `root ${root};`,
      ],
    },
  ];
}

function headers(cacheControl: string): string[] {
  return [
    `add_header Content-Security-Policy "${CONTENT_SECURITY_POLICY}" always;`,
    "add_header X-Content-Type-Options nosniff always;",
    "add_header Referrer-Policy no-referrer always;",
    "add_header Cross-Origin-Opener-Policy same-origin always;",
    "add_header Cross-Origin-Resource-Policy same-origin always;",
    `add_header Cache-Control "${cacheControl}";`,
  ];
}
