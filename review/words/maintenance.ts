import type { Finding } from "../model/change";

/** The file of a registry's configuration that deletes what no image needs. */
export const MAINTAIN = "bin/maintain";

/** What users will notice when data is deleted by a schedule, or by another one. */
export function maintenanceFindings(before: string, after: string): Finding[] {
  if (before === after) {
    return [];
  }
  if (after === "") {
    return [
      { severity: "notice", text: "Nothing is deleted by itself any more: the disk fills until somebody collects." },
    ];
  }
  const found: Finding[] = [];
  const days = value(after, "undoDays");
  if (before === "") {
    found.push({
      severity: "notice",
      text: `Data that no image needs is deleted by a schedule from now on; for ${days} days it can be brought back.`,
    });
  }
  const [was, is] = [before, after].map(retention);
  if (was !== is && is !== "") {
    found.push({
      severity: "notice",
      text: `Images go by themselves from now on: ${is}; for ${days} days they can be brought back.`,
    });
  }
  if (was !== is && is === "") {
    found.push({ severity: "notice", text: "Images stay until somebody deletes them." });
  }
  return found;
}

function value(script: string, name: string): string {
  return new RegExp(`^${name}='?([^'\\n]*)`, "m").exec(script)?.[1] ?? "";
}

/** What goes, in words; empty where no image does. */
function retention(script: string): string {
  const untagged = Number(value(script, "untaggedSeconds") || -1);
  const rules = (/^retentionRules='([^']*)'/m.exec(script)?.[1] ?? "").split("\n").filter((rule) => rule !== "");
  const parts = untagged >= 0 ? [`manifests without a tag after ${untagged / 86_400} days`] : [];
  return [...parts, ...rules.map(ruleInWords)].join("; ");
}

function ruleInWords(rule: string): string {
  const [repositories, last, younger, tags, versions] = rule.split("|");
  const kept = [
    Number(last) > 0 ? `the last ${last}` : "",
    Number(younger) > 0 ? `those younger than ${Number(younger) / 86_400} days` : "",
    tags ? `tags that match ${tags}` : "",
    versions ? `versions in ${versions}` : "",
  ].filter((one) => one !== "");
  return `of the tags in ${repositories === ".*" ? "each repository" : repositories} all but ${kept.join(" and ")}`;
}
