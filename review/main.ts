#!/usr/bin/env node
import { join } from "node:path";
import { compareWith } from "./run/against";
import { appCommand, key, out, progress, project, stacksToReview, synth } from "./run/cdktf-project";
import { type ReviewOptions, reviewOptions } from "./run/options";
import { policyIn } from "./run/policy-file";
import { report } from "./run/report";
import { type Reviewed, reviewStacks } from "./run/review-stacks";
import { registryWords } from "./words/docker-registry";

const USAGE =
  "cdktf-plan-review [stack…] [--against <git ref>] [--drift] [--format terminal|markdown|json] [--policy <file>] [--json <file>]";

const words = [registryWords];

/** The review of any cdktf project: to be run where its cdktf.json is. */
async function main(): Promise<void> {
  const options = reviewOptions(process.argv.slice(2), USAGE);
  const policy = policyIn(options.policy, join(project, "allowed-changes.txt"));
  await synth();
  const { environments, digests } = options.against === undefined ? await plans(options) : await comparison(options);
  report(options, policy.apply(environments), digests);
}

async function plans({ environments, driftOnly }: ReviewOptions): Promise<Reviewed> {
  const stacks = await stacksToReview(environments);
  return reviewStacks({ stacks, words, key: key(), driftOnly, progress: (name) => progress(`planning ${name}`) });
}

async function comparison({ against, environments }: ReviewOptions): Promise<Reviewed> {
  progress(`synth of ${against}`);
  const app = appCommand();
  const reviews = await compareWith({ project, app, out, ref: String(against), stacks: environments, words });
  return { environments: reviews, digests: {} };
}

main().catch((error: Error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
