import { Fn } from "cdktf";
import type { IRegistryUsers } from "../../../registry/registry-part";
import type { AccessRule } from "../../../registry/registry-rights";
import { DECOY_HEADER } from "../logins/decoy";

/** The rules, as people read them in a plan. */
export const RIGHTS = "rights.json";

/** Who the proxy is. */
export const REALM = "realm.json";

/** What changes with each password, and what tokens are signed with; sensitive. */
export const CREDENTIALS = "credentials.json";

/** When users expire, by name; there where some do. */
export const EXPIRIES = "expiries.json";

/** Where clients find the proxy. */
export interface RealmAddress {
  /** `http` or `https`. */
  readonly scheme: string;
  /** The address as image names begin with it. */
  readonly hostPort: string;
  /** Names that a client may call it by, `*` for the first label at most; undefined for whatever passes elsewhere. */
  readonly names?: string[];
}

/** A rule a line, by whom it is for: a changed right is one changed line of the plan. */
export function rightsFile(rules: AccessRule[]): string {
  const ofOne = (who: string) =>
    rules
      .filter((rule) => rule.who === who)
      .map(({ repositories, actions }) => `    ${inOneLine({ repositories, allow: actions })}`)
      .join(",\n");
  const all = [...new Set(rules.map(({ who }) => who))].map((who) => `  ${JSON.stringify(who)}: [\n${ofOne(who)}\n  ]`);
  return `{\n${all.join(",\n")}\n}\n`;
}

/** A user a line. */
export function expiriesFile(expiries: { readonly [name: string]: string }): string {
  const lines = Object.entries(expiries)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, moment]) => `  ${JSON.stringify(name)}: "${moment}"`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

export function realmFile({ realm }: IRegistryUsers, { scheme, hostPort, names }: RealmAddress): string {
  const content = { realm, scheme, service: hostPort, names: names ?? null, decoy: DECOY_HEADER };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** @param tokenKey sensitive; no tokens without it */
export function credentialsFile({ passwordHashes }: IRegistryUsers, tokenKey?: string): string {
  const versions = Object.entries(passwordHashes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, hash]) => `    ${JSON.stringify(name)}: "${Fn.substr(Fn.sha256(hash), 0, 16)}"`);
  const keys = tokenKey ? `{"kid": "${Fn.substr(Fn.sha256(tokenKey), 0, 8)}", "key": "${tokenKey}"}` : "null";
  return `{\n  "users": {\n${versions.join(",\n")}\n  },\n  "keys": ${keys}\n}\n`;
}

function inOneLine(value: { readonly [name: string]: string[] }): string {
  const list = (items: string[]) => `[${items.map((item) => JSON.stringify(item)).join(", ")}]`;
  return `{${Object.entries(value)
    .map(([name, items]) => `"${name}": ${list(items)}`)
    .join(", ")}}`;
}
