import type { Action, Change, EnvironmentReview, TextChange } from "../model/change";
import { SECRET } from "../model/secrets";

/** What happens, as it stands after a construct's name. */
export const ACTIONS: Readonly<Record<Action, string>> = {
  create: "is created",
  update: "is updated",
  replace: "is replaced",
  destroy: "is destroyed",
  forget: "is left alone from now on",
  move: "is found under its new address",
  import: "is taken over",
  change: "differs",
};

/** `is replaced, forced by ports`; the reason where it is none of the arguments. */
export function happens({ action, forcedBy, reason, addresses }: Change, quote: (name: string) => string): string {
  const parts =
    (action === "create" || action === "destroy") && addresses.length > 1
      ? ` with its ${addresses.length} resources`
      : "";
  const because = forcedBy.length > 0 ? `, forced by ${forcedBy.map(quote).join(", ")}` : reason ? `: ${reason}` : "";
  return `${ACTIONS[action]}${parts}${because}`;
}

export function counts({ added, removed, hunks }: TextChange): string {
  return hunks.length === 0 ? "changed (holds secrets, not shown)" : `+${added} −${removed}`;
}

/** Arguments that are secrets are named, and nothing else. */
export function arrow(before: string, after: string): string {
  return before === SECRET || after === SECRET ? "changed (not shown)" : `${before} → ${after}`;
}

export const SYNTH_IS_NO_PLAN =
  "This compares two texts; it is no plan. What a deploy replaces, only a plan with the state can tell.";

export function title({ environment, kind }: EnvironmentReview): string {
  return kind === "drift" ? `${environment}: changed by hand` : environment;
}

export const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;
