import { isRecord } from "./attributes";
import type { Action } from "./change";
import { type ConfiguredResources, constructPath } from "./paths";
import type { PlanJson, ResourceChangeJson, ResourceConfigurationJson, ValueChangeJson } from "./plan-json";

/** A resource with its values in clear: for deciding what to say, never to be shown as it is. */
export interface Resource {
  readonly path: string;
  readonly address: string;
  readonly type: string;
  /** Not set where nothing happens to it. */
  readonly action?: Action;
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
  /** First names of the arguments that force a replacement. */
  readonly forcedBy: readonly string[];
  readonly reason?: string;
  readonly previousAddress?: string;
  readonly change: ValueChangeJson;
  readonly configuration?: ResourceConfigurationJson;
}

/** All resources of a plan, changed or not; data sources only read. */
export function resourcesOf(plan: PlanJson, configured: ConfiguredResources): Resource[] {
  return (plan.resource_changes ?? []).filter(({ mode }) => mode !== "data").map((one) => resourceOf(one, configured));
}

/** What was changed by hand; values that a provider only computes are nobody's change. */
export function driftOf(plan: PlanJson, configured: ConfiguredResources): Resource[] {
  return (plan.resource_drift ?? []).filter(({ mode }) => mode !== "data").map((one) => resourceOf(one, configured));
}

function resourceOf(json: ResourceChangeJson, configured: ConfiguredResources): Resource {
  const { address, type, change, previous_address: previous } = json;
  return {
    path: constructPath(address, configured),
    address,
    type,
    action: actionOf(change, previous !== undefined && previous !== address),
    before: isRecord(change.before) ? change.before : undefined,
    after: isRecord(change.after) ? change.after : undefined,
    forcedBy: [...new Set((change.replace_paths ?? []).map(([name]) => String(name)))],
    reason: REASONS[json.action_reason ?? ""],
    previousAddress: previous === address ? undefined : previous,
    change,
    configuration: configured.get(address.replace(/\[[^\]]*\]$/, "")),
  };
}

function actionOf({ actions, importing }: ValueChangeJson, moved: boolean): Action | undefined {
  switch ([...actions].sort().join()) {
    case "create,delete":
      return "replace";
    case "create":
      return "create";
    case "update":
      return "update";
    case "delete":
      return "destroy";
    case "create,forget":
    case "forget":
      return "forget";
    default:
      return importing ? "import" : moved ? "move" : undefined;
  }
}

/** Terraform's reasons, but for an argument that cannot be changed in place: that one is named. */
const REASONS: Readonly<Record<string, string>> = {
  replace_because_tainted: "its last deploy failed",
  replace_by_request: "asked for by -replace",
  replace_by_triggers: "another resource that it follows is made anew",
  delete_because_no_resource_config: "the code has it no more",
  delete_because_no_module: "the code has its module no more",
  delete_because_wrong_repetition: "the code has one instead of several, or several instead of one",
  delete_because_count_index: "the code has fewer of them",
  delete_because_each_key: "the code has its key no more",
  delete_because_no_move_target: "what it was moved to is not in the code",
};
