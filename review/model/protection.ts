import type { Change } from "./change";
import type { PlanJson } from "./plan-json";

/**
 * An output that says whether data is protected. Terraform keeps `prevent_destroy` in no state, so that a plan cannot tell
 * that it was taken away; an output is in the state.
 */
export const PROTECTION_OUTPUT = /(^|_)data_protected$/;

/** A protection that ends is a change of its own: nothing else in the plan would show it. */
export function protectionChange({ output_changes: changes }: PlanJson): Change[] {
  return Object.entries(changes ?? {})
    .filter(([name, { before, after }]) => PROTECTION_OUTPUT.test(name) && before === true && after !== true)
    .map(([name]) => ({ ...PROTECTION_OFF, path: name, type: "output", addresses: [`output.${name}`] }));
}

/** The same as two texts tell it. */
export const PROTECTION_OFF: Omit<Change, "path" | "type" | "addresses"> = {
  action: "update",
  severity: "danger",
  findings: [
    {
      severity: "danger",
      text: "Data is no longer protected: from this deploy on, a plan that destroys it is not refused.",
    },
  ],
  attributes: [],
  texts: [],
  forcedBy: [],
};
