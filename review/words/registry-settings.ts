import { parse } from "yaml";
import type { Finding } from "../model/change";

// biome-ignore lint/suspicious/noExplicitAny: a document of the registry's own
type Settings = any;

function settings(text: string): Settings {
  try {
    return parse(text) ?? {};
  } catch {
    return {};
  }
}

/** What users will notice when config.yml is another one. */
export function registryFindings(before: string, after: string): Finding[] {
  const [old, next] = [settings(before), settings(after)];
  const findings: Finding[] = [];
  const readOnly = (config: Settings) => config.storage?.maintenance?.readonly?.enabled === true;
  const deletes = (config: Settings) => config.storage?.delete?.enabled === true;
  const purging = (config: Settings) => {
    const rule = config.storage?.maintenance?.uploadpurging;
    return rule === undefined || rule.enabled === false
      ? undefined
      : { age: rule.age ?? "168h", dryRun: !!rule.dryrun };
  };
  if (!readOnly(old) && readOnly(next)) {
    findings.push({ severity: "notice", text: "Pushes and deletes are refused (405) from now on; pulls go on." });
  }
  if (readOnly(old) && !readOnly(next)) {
    findings.push({ severity: "notice", text: "Pushes and deletes are taken again." });
  }
  if (deletes(old) !== deletes(next)) {
    const text = deletes(next) ? "Users who may push can delete images." : "Nobody can delete images any more.";
    findings.push({ severity: "notice", text });
  }
  const [wasPurged, isPurged] = [purging(old), purging(next)];
  if (isPurged !== undefined && JSON.stringify(wasPurged) !== JSON.stringify(isPurged)) {
    const does = isPurged.dryRun ? "are only listed in the log" : "are removed";
    findings.push({
      severity: "notice",
      text: `Uploads that were begun and not finished ${does} ${isPurged.age} after their start${wasPurged ? ` (before: ${wasPurged.age})` : ""}; images are not touched.`,
    });
  }
  if (old.storage?.cache?.blobdescriptor === "redis" && next.storage?.cache?.blobdescriptor !== "redis") {
    findings.push({
      severity: "quiet",
      text: "The registry remembers blobs in its own memory instead of Redis: the same answers, forgotten at a restart.",
    });
  }
  return findings;
}

/** Whether two processes of it can be there at a time, so that one hands over to the other. */
export function handsOver(text: string): boolean {
  const config = settings(text);
  return config.http?.net === "unix" && config.proxy === undefined && config.http?.debug?.prometheus?.enabled !== true;
}
