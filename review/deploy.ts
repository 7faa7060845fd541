#!/usr/bin/env node
import { join } from "node:path";
import { fingerprintOf } from "./model/fingerprint";
import { requireReviewed } from "./model/reviewed";
import { key, progress, stacksToReview, synth } from "./run/cdktf-project";
import { type DeployOptions, deployOptions } from "./run/deploy-options";
import { applyPlan, makePlan, type Planning, showPlan } from "./run/plan";
import { inPrivateFolder } from "./run/private-folder";
import { reportedDigests } from "./run/reported-digests";

const USAGE = "cdktf-deploy-reviewed <stack> --reviewed <fingerprint> [--report <JSON of the review>]";

/** Applies the plan that was read, and no other, in any cdktf project. */
async function main(): Promise<void> {
  const options = deployOptions(process.argv.slice(2), USAGE);
  await synth();
  await inPrivateFolder((folder) => deploy(options, join(folder, "deploy.tfplan")));
}

/** The plan is made again: none is stored, as it holds what the state holds. */
async function deploy({ environment, reviewed, report }: DeployOptions, file: string): Promise<void> {
  const digests = report === undefined ? undefined : reportedDigests(environment, reviewed, report);
  const [stack] = await stacksToReview([environment]);
  const planning: Planning = { ...stack, file };
  progress(`planning ${environment}`);
  const changes = await makePlan(planning);
  requireReviewed(
    { environment, fingerprint: reviewed, digests, command: `npx cdktf-plan-review ${environment}` },
    changes ? fingerprintOf(await showPlan(planning), key()) : undefined,
  );
  progress("applying");
  console.log(/^Apply complete! .*$/m.exec(await applyPlan(planning))?.[0] ?? "done");
}

main().catch((error: Error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
