import type { IConstruct } from "constructs";

/**
 * Every error of this library in one shape: where, what, got, expected, fix.
 * A reader of CI logs must be able to fix the input without opening the source.
 */
export interface InvalidInput {
  /** Construct (its path is printed) or the name of the thing that was given the value. */
  readonly where: IConstruct | string;
  /** Name of the prop or field, as the user wrote it. */
  readonly field: string;
  readonly got: unknown;
  readonly expected: string;
  readonly fix: string;
}

export function invalidInput(input: InvalidInput): Error {
  const where = typeof input.where === "string" ? input.where : input.where.node.path;
  return new Error(`${where}: ${input.field} is ${show(input.got)}, expected ${input.expected}. Fix: ${input.fix}.`);
}

/** Strings keep their quotes so that "5000" and 5000 can be told apart; secrets must not be passed here. */
function show(value: unknown): string {
  if (value === undefined) {
    return "not set";
  }
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}
