import { block } from "./block";
import type { NginxFragment } from "./fragment";

/** Scripts in the order in which they need each other; nginx.conf calls the last one. */
export const AUDIT_SCRIPTS = ["request", "audit"];

/** Changes and refusals to the given file, each at once and as a line of JSON. */
export function nginxAuditLog(file: string): NginxFragment {
  return {
    scripts: ["audit"],
    log: [
      "# Who changed what, and who was refused: a line of JSON each, which a script makes.",
      "log_format audit escape=none $audit;",
      `access_log ${file} audit if=$audit;`,
    ],
    http: [
      "js_set $audit_entry audit.entry;",
      "# The script is not asked about pulls.",
      ...block('map "$request_method $status" $audit', [
        "'~^(?:PUT|DELETE) ' $audit_entry;",
        "'~ 40[13]$' $audit_entry;",
        "default '';",
      ]),
    ],
    registry: [
      "# For the audit: the login was looked at, and is not only claimed.",
      "auth_request_set $login_ran 1;",
      "",
    ],
  };
}
