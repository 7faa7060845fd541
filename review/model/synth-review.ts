import { generalWords } from "../words/general";
import type { Words } from "../words/words";
import { isSame } from "./attributes";
import type { Change, EnvironmentReview, Finding } from "./change";
import { changesOf } from "./group";
import { configuredResources, constructPath } from "./paths";
import type { ConfigurationJson } from "./plan-json";
import { PROTECTION_OFF } from "./protection";
import { renameFindings } from "./renames";
import type { Resource } from "./resources";
import { Secrets } from "./secrets";

/** Two texts of one environment; one of them may not be there. */
export interface SynthsToRead {
  readonly environment: string;
  readonly before?: ConfigurationJson;
  readonly after?: ConfigurationJson;
  readonly words?: readonly Words[];
}

/** How two synths differ: what the code says, not what a deploy will do, which takes a plan. */
export function compareSynths({ environment, before, after, words = [] }: SynthsToRead): EnvironmentReview {
  const [old, next] = [before, after].map((one) => configuredResources(one ?? {}));
  const marks = [before, after].map((one) => one ?? {});
  const addresses = [...new Set([...old.keys(), ...next.keys()])].sort();
  const resources = addresses.map((address): Resource => {
    const [was, is] = [old.get(address), next.get(address)].map((one) => one && withoutMeta(one));
    const action = was === undefined ? "create" : is === undefined ? "destroy" : isSame(was, is) ? undefined : "change";
    return {
      path: constructPath(address, next.has(address) ? next : old),
      address,
      type: address.slice(0, address.indexOf(".")),
      action,
      before: was,
      after: is,
      forcedBy: [],
      change: { actions: [], before: was, after: is, before_sensitive: marksIn(was), after_sensitive: marksIn(is) },
      configuration: next.get(address),
    };
  });
  // Nothing is destroyed when the code of an environment goes: nobody deploys it any more.
  const changes = after === undefined ? [] : changesOf(resources, [...words, generalWords], { environment, resources });
  const review: EnvironmentReview = {
    environment,
    kind: "synth",
    changes: [...unprotected(old, next), ...changes],
    outputs: [],
    findings: [...existence(before, after), ...renameFindings(resources)],
    drift: [],
  };
  return Secrets.ofConfigurations(marks).scrubAll(review);
}

function existence(before: ConfigurationJson | undefined, after: ConfigurationJson | undefined): Finding[] {
  if (before === undefined) {
    return [{ severity: "notice", text: "A new environment." }];
  }
  return after === undefined ? [REMOVED] : [];
}

/** Without the code, nothing is destroyed and nothing is looked after. */
export const REMOVED: Finding = {
  severity: "notice",
  text: "The code has this environment no more. What it deployed goes on running, and nobody updates it or renews its certificates.",
  fix: "to remove it, run npm stop with its name while the code still has it",
};

type Configured = ReturnType<typeof configuredResources>;

function unprotected(old: Configured, next: Configured): Change[] {
  return [...old]
    .filter(
      ([address, was]) =>
        was.lifecycle?.prevent_destroy === true &&
        next.has(address) &&
        next.get(address)?.lifecycle?.prevent_destroy !== true,
    )
    .map(([address]) => ({
      ...PROTECTION_OFF,
      path: `${constructPath(address, next)}/protection`,
      type: address.slice(0, address.indexOf(".")),
      addresses: [address],
    }));
}

function withoutMeta({
  "//": _,
  lifecycle: __,
  depends_on: ___,
  ...rest
}: Record<string, unknown>): Record<string, unknown> {
  return rest;
}

/** An expression that is sensitive, or refers to a variable, is a secret here: nobody knows what it will be. */
function marksIn(value: unknown): unknown {
  if (typeof value === "string") {
    return /\$\{[^}]*(sensitive\(|var\.|\.result\b|private_key|bcrypt)/.test(value);
  }
  if (typeof value === "object" && value !== null) {
    return Array.isArray(value)
      ? value.map(marksIn)
      : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, marksIn(part)]));
  }
  return false;
}
