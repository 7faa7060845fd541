import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EnvironmentReview } from "../model/change";
import { type Fingerprint, fingerprintOf } from "../model/fingerprint";
import type { ConfigurationJson } from "../model/plan-json";
import { readPlan } from "../model/plan-review";
import type { Words } from "../words/words";
import { makePlan, type Planning, showPlan, type TerraformCommand } from "./plan";
import { inPrivateFolder } from "./private-folder";

/** A synthesised and initialised stack. */
export interface StackToReview {
  readonly name: string;
  readonly folder: string;
  readonly terraform: TerraformCommand;
}

export interface Reviewing {
  readonly stacks: readonly StackToReview[];
  /** Of the digests; see docs/review.md. */
  readonly key: string;
  readonly words?: readonly Words[];
  readonly driftOnly?: boolean;
  /** Before each plan. */
  readonly progress?: (stack: string) => void;
  /** The words for an error. */
  readonly explain?: (error: unknown, stack: StackToReview) => string;
}

export interface Reviewed {
  readonly environments: readonly EnvironmentReview[];
  readonly digests: Readonly<Record<string, Fingerprint["parts"]>>;
}

/** Plans one stack after the other and reads each plan while the next one is made. */
export function reviewStacks(reviewing: Reviewing): Promise<Reviewed> {
  return inPrivateFolder(async (folder) => {
    const digests: Record<string, Fingerprint["parts"]> = {};
    const read: Promise<EnvironmentReview>[] = [];
    for (const [i, stack] of reviewing.stacks.entries()) {
      reviewing.progress?.(stack.name);
      const planning: Planning = { ...stack, file: join(folder, `${i}.tfplan`), driftOnly: reviewing.driftOnly };
      try {
        const changes = await makePlan(planning);
        read.push(
          changes
            ? readOne(planning, stack, reviewing, digests).catch((error) => failed(error, stack, reviewing))
            : Promise.resolve(unchanged(stack.name, reviewing)),
        );
      } catch (error) {
        read.push(Promise.resolve(failed(error, stack, reviewing)));
      }
    }
    return { environments: await Promise.all(read), digests };
  });
}

async function readOne(
  planning: Planning,
  stack: StackToReview,
  { key, words, driftOnly }: Reviewing,
  digests: Record<string, Fingerprint["parts"]>,
): Promise<EnvironmentReview> {
  const plan = await showPlan(planning);
  const configuration = configurationIn(stack.folder);
  const review = readPlan({ environment: stack.name, plan, configuration, words, driftOnly });
  if (driftOnly) {
    return review;
  }
  const fingerprint = fingerprintOf(plan, key);
  digests[stack.name] = fingerprint.parts;
  return { ...review, fingerprint: fingerprint.id };
}

export function configurationIn(folder: string): ConfigurationJson {
  return JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8"));
}

function unchanged(environment: string, { driftOnly }: Reviewing): EnvironmentReview {
  return { environment, kind: driftOnly ? "drift" : "plan", changes: [], outputs: [], findings: [], drift: [] };
}

function failed(error: unknown, stack: StackToReview, reviewing: Reviewing): EnvironmentReview {
  const text = reviewing.explain?.(error, stack) ?? (error instanceof Error ? error.message : String(error));
  return { ...unchanged(stack.name, reviewing), error: text };
}
