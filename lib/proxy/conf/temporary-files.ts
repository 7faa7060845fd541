/** Of one nginx process; two of them in a container need two prefixes. */
export function temporaryFiles(prefix = ""): string[] {
  return ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path /tmp/${prefix}${kind};`);
}
