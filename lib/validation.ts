import { Token } from "cdktf";
import type { IConstruct } from "constructs";
import { invalidInput } from "./errors";

/** Terraform fills tokens in at deploy time: nothing can be said about them at synth. */
export function isKnown(value: unknown): boolean {
  return value !== undefined && !Token.isUnresolved(value);
}

export function requireWholeNumber(
  where: IConstruct | string,
  field: string,
  got: unknown,
  range: { min: number; max: number; example: number },
): void {
  if (!isKnown(got)) {
    return;
  }
  if (typeof got !== "number" || !Number.isInteger(got) || got < range.min || got > range.max) {
    throw invalidInput({
      where,
      field,
      got,
      expected: `a whole number from ${range.min} to ${range.max}`,
      fix: `write a number such as ${range.example}, without quotes`,
    });
  }
}

export function requirePort(where: IConstruct | string, field: string, got: unknown): void {
  requireWholeNumber(where, field, got, { min: 1, max: 65535, example: 5000 });
}
