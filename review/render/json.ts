import type { Review } from "../model/change";
import type { Fingerprint } from "../model/fingerprint";
import { exitCode } from "../model/policy";

/** By environment; digests name no value and let a later deploy name the argument that is another one. */
export type Digests = Readonly<Record<string, Fingerprint["parts"]>>;

/** For programs; `version` rises when a field goes or means something else. */
export function renderJson(review: Review, digests: Digests = {}): string {
  const environments = review.environments.map((one) => ({ ...one, digests: digests[one.environment] }));
  const { unusedPermissions } = review;
  return `${JSON.stringify({ version: 1, exitCode: exitCode(review), environments, unusedPermissions }, null, 2)}\n`;
}
