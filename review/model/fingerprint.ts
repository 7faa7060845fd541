import { createHash, createHmac } from "node:crypto";
import { isRecord } from "./attributes";
import type { PlanJson, ResourceChangeJson } from "./plan-json";

/**
 * A plan by its arguments, each as a digest: enough to say whether another plan is the same and which argument is not, and
 * nothing that could be read back without the key.
 */
export interface Fingerprint {
  readonly id: string;
  /** By address and argument, such as `docker_container.Proxy_1A2B3C4D ports`. */
  readonly parts: Readonly<Record<string, string>>;
}

/**
 * @param key whoever has it can try whether a secret is the one that he thinks of; without it, digests tell nothing
 */
export function fingerprintOf(plan: PlanJson, key: string): Fingerprint {
  const volatile = freshHashes(plan);
  const digest = (value: unknown): string =>
    createHmac("sha256", key)
      .update(settled(canonical(value), volatile))
      .digest("base64url")
      .slice(0, 22);
  const parts: Record<string, string> = {};
  for (const [name, { value }] of Object.entries(plan.variables ?? {})) {
    parts[`variable ${name}`] = digest(value);
  }
  for (const resource of plan.resource_changes ?? []) {
    Object.assign(parts, partsOf(resource, digest));
  }
  for (const [name, change] of Object.entries(plan.output_changes ?? {})) {
    if (change.actions.join() !== "no-op") {
      parts[`output ${name}`] = digest([change.actions, change.before, change.after, change.after_unknown]);
    }
  }
  const all = Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    id: createHmac("sha256", key).update(JSON.stringify(all)).digest("hex").slice(0, 32),
    parts: Object.fromEntries(all),
  };
}

/** What differs between the plan that was read and the one of now, in words. */
export function drifted(reviewed: Fingerprint["parts"], now: Fingerprint["parts"]): string[] {
  const names = [...new Set([...Object.keys(reviewed), ...Object.keys(now)])].sort();
  return names
    .filter((name) => reviewed[name] !== now[name])
    .map((name) => {
      if (!(name in now)) {
        return `${name}: was in the plan that was read, and is not any more`;
      }
      return name in reviewed ? `${name}: is another one` : `${name}: was not in the plan that was read`;
    });
}

/** Only what is done, and from which value to which; whatever else a resource is may change without harm. */
function partsOf(
  { address, mode, change, action_reason: reason }: ResourceChangeJson,
  digest: (value: unknown) => string,
) {
  const actions = change.actions.join("+");
  if (mode === "data" || actions === "no-op") {
    return {};
  }
  const [before, after, unknown] = [change.before, change.after, change.after_unknown].map((side) =>
    isRecord(side) ? side : {},
  );
  const parts: Record<string, string> = { [`${address} action`]: digest([actions, reason, change.replace_paths]) };
  for (const name of new Set([...Object.keys(after), ...Object.keys(unknown)])) {
    parts[`${address} ${name}`] = digest([after[name], unknown[name], unknown[name] === true ? null : before[name]]);
  }
  if (actions === "delete") {
    // What is destroyed is the thing of that name or id.
    parts[`${address} id`] = digest([before.id, before.name]);
  }
  return parts;
}

const BCRYPT = /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/;

/**
 * Hashes that Terraform makes anew at each plan, as bcrypt takes another salt: for a user who is added with a password of
 * his own. Which password it is, the digest of its variable tells.
 */
function freshHashes(plan: PlanJson): string[] {
  const made = (plan.resource_changes ?? []).filter(
    ({ type, change }) => type === "terraform_data" && change.actions.includes("create"),
  );
  return made
    .map(({ change }) => (isRecord(change.after) ? change.after.triggers_replace : undefined))
    .filter((value): value is string => typeof value === "string" && BCRYPT.test(value));
}

/** Hashes, and what the proxy makes of them, as one word. */
function settled(text: string, hashes: readonly string[]): string {
  return hashes.reduce(
    (rest, hash) =>
      rest
        .split(hash)
        .join("<hash>")
        .split(createHash("sha256").update(hash).digest("hex").slice(0, 16))
        .join("<hash>"),
    text,
  );
}

/** The same text for the same value, whatever the order of its keys. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, part) =>
      isRecord(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
    ) ?? "nothing"
  );
}
