import type { Finding } from "../model/change";

/** Users by name, and whether each may pull or push, as nginx.conf has them. */
export function usersOf(nginxConf: string): ReadonlyMap<string, string> | undefined {
  const [, map] = /map \$login_name \$user \{\n([\s\S]*?)\n\s*\}/.exec(nginxConf) ?? [];
  if (map === undefined) {
    return undefined;
  }
  return new Map([...map.matchAll(/"([^":]+):(\w+)";/g)].map(([, name, access]) => [name, access]));
}

/** What users will notice when the list of users is another one. */
export function userFindings(before: string, after: string): Finding[] {
  const [old, next] = [usersOf(before), usersOf(after)];
  if (old === undefined && next === undefined) {
    return [];
  }
  if (next === undefined && after.includes("access.verdict")) {
    // Told by their rights.
    return [];
  }
  if (next === undefined) {
    return [{ severity: "danger", text: "Users are no longer asked: whoever reaches the port can pull and push." }];
  }
  if (old === undefined) {
    return [
      { severity: "notice", text: `Everybody has to log in from now on; users are ${[...next.keys()].join(", ")}.` },
    ];
  }
  return [...new Set([...old.keys(), ...next.keys()])].sort().flatMap((name): Finding[] => {
    const [was, is] = [old.get(name), next.get(name)];
    if (was === is) {
      return [];
    }
    if (is === undefined) {
      return [{ severity: "notice", text: `User ${name} can no longer log in, once the deploy has ended.` }];
    }
    const may = is === "push" ? "pull and push" : is === "pull" ? "pull, but not push" : is;
    return was === undefined
      ? [{ severity: "quiet", text: `New user ${name} may ${may}.` }]
      : [{ severity: "notice", text: `User ${name} may ${may} from now on (before: ${was}).` }];
  });
}
