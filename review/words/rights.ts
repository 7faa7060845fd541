import type { Finding } from "../model/change";

interface Rule {
  readonly repositories: readonly string[];
  readonly allow: readonly string[];
}

/** Whoever is not logged in. */
const EVERYBODY = "*";

/** What users will notice when rights.json is another one. */
export function rightsFindings(before: string, after: string): Finding[] {
  const [old, next] = [rules(before), rules(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(next)])].sort().flatMap((who): Finding[] => {
    const [was, is] = [inWords(old[who]), inWords(next[who])];
    if (was === is) {
      return [];
    }
    const name = who === EVERYBODY ? "Everybody, without a login," : `User ${who}`;
    const opened = who === EVERYBODY && isMore(old[who], next[who]);
    return [{ severity: opened ? "danger" : "notice", text: `${name} may ${is} from now on (before: ${was}).` }];
  });
}

function rules(text: string): Readonly<Record<string, readonly Rule[]>> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function inWords(all: readonly Rule[] = []): string {
  const each = all.map(({ repositories, allow }) => `${allow.join(", ")} in ${repositories.join(", ")}`);
  return each.length > 0 ? each.join("; ") : "nothing";
}

/** Whether a rule is there that was not: whoever reads it judges whether it is one more or another one. */
function isMore(was: readonly Rule[] = [], is: readonly Rule[] = []): boolean {
  const known = was.map((rule) => JSON.stringify(rule));
  return is.some((rule) => !known.includes(JSON.stringify(rule)));
}
