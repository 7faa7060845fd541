import type { Finding } from "../model/change";

/** The first value of a directive in a configuration of nginx. */
function directive(text: string, name: string): string | undefined {
  return new RegExp(`^\\s*${name} ([^;]+);`, "m").exec(text)?.[1];
}

/** What users will notice when nginx.conf is another one, users apart. */
export function nginxFindings(before: string, after: string): Finding[] {
  const found: Finding[] = [];
  const [was, is] = [before, after].map((text) => directive(text, "client_max_body_size"));
  if (was !== is && is !== undefined) {
    const text =
      is === "0" ? "Layers may have any size." : `Layers larger than ${is.replace(/m$/, "")} MiB are refused (413).`;
    found.push({ severity: is === "0" ? "quiet" : "notice", text });
  }
  const [oldTls, newTls] = [before, after].map((text) => directive(text, "ssl_protocols"));
  if (oldTls !== newTls && oldTls !== undefined && newTls !== undefined) {
    found.push({ severity: "notice", text: `Clients need one of ${newTls} (before: ${oldTls}).` });
  }
  return found;
}
