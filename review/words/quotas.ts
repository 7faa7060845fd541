import type { Finding } from "../model/change";

interface Quota {
  readonly repositories: string;
  readonly maxMiB?: number;
  readonly maxTags?: number;
}

/** Who may hold less or more when quotas.json is another one. */
export function quotaFindings(before: string, after: string): Finding[] {
  const [old, next] = [quotas(before), quotas(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(next)])].sort().flatMap((name): Finding[] => {
    const [was, is] = [old[name], next[name]];
    if (is === undefined) {
      return [{ severity: "notice", text: `Repositories ${name} have no quota any more (before: ${words(was)}).` }];
    }
    if (was && words(was) === words(is)) {
      return [];
    }
    const isLower = lower(was?.maxMiB, is.maxMiB) || lower(was?.maxTags, is.maxTags);
    const refused = isLower ? ": where more is there already, all pushes are refused, and nothing is deleted" : "";
    return [
      {
        severity: "notice",
        text: `Repositories ${name} have a quota of ${words(is)} (before: ${was ? words(was) : "none"})${refused}.`,
      },
    ];
  });
}

function lower(was = Number.POSITIVE_INFINITY, is = Number.POSITIVE_INFINITY): boolean {
  return is < was;
}

function words({ maxMiB, maxTags }: Quota): string {
  return [maxMiB && `${maxMiB} MiB`, maxTags && `${maxTags} tags`].filter(Boolean).join(" and ");
}

function quotas(text: string): Readonly<Record<string, Quota>> {
  try {
    return Object.fromEntries(JSON.parse(text).map((quota: Quota) => [quota.repositories, quota]));
  } catch {
    return {};
  }
}
