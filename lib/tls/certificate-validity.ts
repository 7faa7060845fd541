import { Op, Token } from "cdktf";
import type { IConstruct } from "constructs";
import { invalidInput } from "../core/errors";
import { isKnown, requireWholeNumber } from "../core/validation";

/** How long a certificate is valid and how long before its end it is renewed. */
export interface Validity {
  readonly validityDays: number;
  readonly renewBeforeDays: number;
}

export function validityOf(where: IConstruct, given: Partial<Validity>, defaults: Validity): Validity {
  requireWholeNumber(where, "validityDays", given.validityDays, { min: 1, max: 36500, example: defaults.validityDays });
  const validityDays = given.validityDays ?? defaults.validityDays;
  requireWholeNumber(where, "renewBeforeDays", given.renewBeforeDays, {
    min: 0,
    max: 36500,
    example: defaults.renewBeforeDays,
  });
  const half = isKnown(validityDays) ? Math.floor(validityDays / 2) : defaults.renewBeforeDays;
  const renewBeforeDays = given.renewBeforeDays ?? Math.min(defaults.renewBeforeDays, half);
  if (isKnown(validityDays) && isKnown(renewBeforeDays) && renewBeforeDays >= validityDays) {
    throw invalidInput({
      where,
      field: "renewBeforeDays",
      got: renewBeforeDays,
      expected: `less than validityDays (${validityDays}): otherwise every deploy issues a new certificate`,
      fix: `write ${Math.floor(validityDays / 3)} or less, or raise validityDays`,
    });
  }
  return { validityDays, renewBeforeDays };
}

/** The tls provider counts in hours. */
export function hours(days: number): number {
  return Token.isUnresolved(days) ? Token.asNumber(Op.mul(days, 24)) : days * 24;
}
