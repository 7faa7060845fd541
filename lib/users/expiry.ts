import { TerraformLocal, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { isKnown } from "../core/validation";

/** Hours before an expiry from which plans warn of it. */
const NEAR_HOURS = 14 * 24;

// What Terraform and JavaScript read alike.
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

export function requireMoment(where: string, field: string, got: string | undefined): void {
  if (!isKnown(got)) {
    return;
  }
  const time = MOMENT.test(String(got)) ? new Date(String(got)) : undefined;
  // Of the 31st of a short month JavaScript makes the 1st of the next one.
  if (!time || Number.isNaN(time.getTime()) || time.toISOString().replace(".000Z", "Z") !== got) {
    throw invalidInput({
      where,
      field,
      got,
      expected: "a moment in UTC that there is",
      fix: 'write it like "2027-06-30T00:00:00Z"',
    });
  }
}

/**
 * Has each plan warn of an expiry that is near or past. A synth has no clock; and an error would hold up every other change
 * on the day of the expiry.
 */
export function warnOfExpiry(user: Construct, name: string, expiresAt: string): void {
  const stack = TerraformStack.of(user);
  // A check has to refer to something.
  const moment = `local.${new TerraformLocal(user, "ExpiresAt", expiresAt).friendlyUniqueId}`;
  const assert = (from: string, text: string) => ({
    condition: `\${timecmp(${from}, ${moment}) < 0}`,
    error_message: text,
  });
  stack.addOverride(`check.${stack.getLogicalId(user.node)}_Expiry`, {
    assert: [
      assert(
        "plantimestamp()",
        `User ${name} has expired and is refused. Fix: give it a later expiresAt, or remove it.`,
      ),
      assert(
        `timeadd(plantimestamp(), "${NEAR_HOURS}h")`,
        `User ${name} expires within ${NEAR_HOURS / 24} days, or has expired. Fix: give it a later expiresAt, or remove it in time.`,
      ),
    ],
  });
}
