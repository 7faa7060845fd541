import { generalWords } from "../words/general";
import type { Context, Words } from "../words/words";
import { isSame, show, UNKNOWN } from "./attributes";
import type { Change, EnvironmentReview, Finding, OutputChange } from "./change";
import { changesOf } from "./group";
import { configuredResources } from "./paths";
import type { ConfigurationJson, PlanJson } from "./plan-json";
import { protectionChange } from "./protection";
import { renameFindings } from "./renames";
import { driftOf, type Resource, resourcesOf } from "./resources";
import { hasMark, SECRET, Secrets } from "./secrets";

/** What is read: Terraform's plan, and the configuration that it was made from. */
export interface PlanToRead {
  readonly environment: string;
  readonly plan: PlanJson;
  readonly configuration: ConfigurationJson;
  /** What is known of the resources, beside what can be said of any. */
  readonly words?: readonly Words[];
  /** Whether it was made to see what was changed by hand only. */
  readonly driftOnly?: boolean;
}

/** What a plan does, without one of its secrets. */
export function readPlan(toRead: PlanToRead): EnvironmentReview {
  const { environment, plan, configuration } = toRead;
  const configured = configuredResources(configuration);
  const words = [...(toRead.words ?? []), generalWords];
  const resources = resourcesOf(plan, configured);
  const context: Context = { environment, resources };
  const drift = driftChanges(driftOf(plan, configured), words, environment);
  const review: EnvironmentReview = toRead.driftOnly
    ? { environment, kind: "drift", changes: [], outputs: [], findings: [], drift }
    : {
        environment,
        kind: "plan",
        changes: [...protectionChange(plan), ...changesOf(resources, words, context)],
        outputs: outputChanges(plan),
        findings: [...(isNew(resources) ? [NEW] : []), ...renameFindings(resources)],
        drift,
      };
  return Secrets.ofPlan(plan).scrubAll(review);
}

const NEW: Finding = { severity: "notice", text: "A new environment: nothing of it is deployed yet." };

function isNew(resources: readonly Resource[]): boolean {
  return resources.length > 0 && resources.every(({ action }) => action === "create");
}

/** Providers read back what containers are at the moment; that is news only where the code says something else. */
function driftChanges(resources: readonly Resource[], words: readonly Words[], environment: string): Change[] {
  const changed = resources.filter(
    ({ action, configuration, before, after }) =>
      action === "destroy" || Object.keys(configuration ?? {}).some((name) => !isSame(before?.[name], after?.[name])),
  );
  return changesOf(changed, words, { environment, resources }).map((change) => ({ ...change, ...inHindsight(change) }));
}

/** It has happened already: the deploy that follows makes it good. */
function inHindsight({ action }: Change): Partial<Change> {
  const text =
    action === "destroy"
      ? "Somebody removed it by hand; the next deploy makes it anew, without what it held."
      : "Somebody changed it by hand; the next deploy makes it what the code says.";
  return { severity: "notice", findings: [{ severity: "notice", text }], forcedBy: [], reason: undefined };
}

function outputChanges({ output_changes: changes }: PlanJson): OutputChange[] {
  return Object.entries(changes ?? {})
    .filter(([, { actions }]) => actions.join() !== "no-op")
    .map(([name, change]) => {
      const secret = hasMark(change.before_sensitive) || hasMark(change.after_sensitive);
      const unknown = hasMark(change.after_unknown);
      const after = secret ? SECRET : unknown ? UNKNOWN : show(name, change.after, false);
      return { name, before: secret ? SECRET : show(name, change.before, secret), after };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
