import type { Finding } from "../model/change";

/** Who stays longer or goes earlier when expiries.json is another one. */
export function expiryFindings(before: string, after: string): Finding[] {
  const [old, next] = [expiries(before), expiries(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(next)])].sort().flatMap((name): Finding[] => {
    const [was, is] = [old[name], next[name]];
    if (was === is) {
      return [];
    }
    if (is === undefined) {
      return [{ severity: "danger", text: `User ${name} does not expire any more (before: at ${was}).` }];
    }
    const isLater = was !== undefined && Date.parse(is) > Date.parse(was);
    const text = `User ${name} expires at ${is} (before: ${was ? `at ${was}` : "never"}).`;
    return [{ severity: isLater ? "danger" : "notice", text }];
  });
}

function expiries(text: string): Readonly<Record<string, string>> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
