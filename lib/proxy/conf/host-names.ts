import { block } from "./block";
import type { NginxFragment } from "./fragment";

/**
 * Over plain HTTP a page on the Internet could give its own name this registry's address, and its readers' browsers
 * would let it read from here (DNS rebinding). So names that somebody else may own are refused unless they are ours.
 */
export function knownHosts(names: string[]): NginxFragment {
  return {
    http: [
      "# A browser takes a page's own name for this registry's, if the page's owner has it point here.",
      ...block("map $host $is_foreign_host", [
        "hostnames;",
        ...[...new Set(names)].filter(isName).map((name) => `${name} '';`),
        "# Nobody can register these: single labels, addresses, and what is for private use.",
        "'~^[^.]+$' '';",
        "'~^[0-9.]+$' '';",
        "'~^\\[' '';",
        "'~\\.(localhost|local|internal|lan|home\\.arpa|test)$' '';",
        "default 1;",
      ]),
    ],
    server: ["", ...block("if ($is_foreign_host)", ["return 421;"])],
  };
}

/** Addresses are known in any case, and nginx' maps of host names take none. */
function isName(host: string): boolean {
  return !/^[\d.]+$|:/.test(host);
}
