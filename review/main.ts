#!/usr/bin/env node
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { compareWith } from "./run/against";
import { reviewKey } from "./run/key";
import { stacksIn } from "./run/manifest";
import { type ReviewOptions, reviewOptions } from "./run/options";
import { chosen, policyIn } from "./run/policy-file";
import { runProcess } from "./run/process";
import { report } from "./run/report";
import { type Reviewed, reviewStacks, type StackToReview } from "./run/review-stacks";
import { registryWords } from "./words/docker-registry";

const USAGE =
  "cdktf-plan-review [stack…] [--against <git ref>] [--drift] [--format terminal|markdown|json] [--policy <file>] [--json <file>]";

const project = process.cwd();
const out = resolve(project, process.env.CDKTF_OUTDIR ?? "cdktf.out");
const words = [registryWords];
const progress = (activity: string): void => console.error(`    ... ${activity}`);

/** The review of any cdktf project: to be run where its cdktf.json is. */
async function main(): Promise<void> {
  const options = reviewOptions(process.argv.slice(2), USAGE);
  const policy = policyIn(options.policy, join(project, "allowed-changes.txt"));
  const app = appCommand();
  progress("synth");
  const {
    exitCode: failed,
    stdout,
    stderr,
  } = await runProcess("sh", ["-c", app], { cwd: project, env: { CDKTF_OUTDIR: out } });
  if (failed !== 0) {
    throw new Error(`the synth failed: ${`${stdout}${stderr}`.trim()}`);
  }
  const { environments, digests } =
    options.against === undefined ? await plans(options) : await comparison(app, options);
  report(options, policy.apply(environments), digests);
}

function appCommand(): string {
  const file = join(project, "cdktf.json");
  if (!existsSync(file)) {
    throw new Error(`${file} is not there. Fix: run this in the folder of a cdktf project`);
  }
  return JSON.parse(readFileSync(file, "utf8")).app;
}

async function plans({ environments, driftOnly }: ReviewOptions): Promise<Reviewed> {
  const known = stacksIn(out);
  const command = process.env.TERRAFORM_BINARY_NAME ?? "terraform";
  const stacks: StackToReview[] = [];
  for (const name of chosen(environments, [...known.keys()])) {
    const folder = String(known.get(name));
    await initialise(command, folder);
    stacks.push({ name, folder, terraform: { command } });
  }
  const key = reviewKey(join(project, ".review-key"));
  return reviewStacks({ stacks, words, key, driftOnly, progress: (name) => progress(`planning ${name}`) });
}

async function initialise(command: string, folder: string): Promise<void> {
  if (!existsSync(join(folder, ".terraform"))) {
    progress(`terraform init of ${folder}`);
    const { exitCode: failed, stderr } = await runProcess(command, ["init", "-input=false", "-no-color"], {
      cwd: folder,
    });
    if (failed !== 0) {
      throw new Error(`terraform init failed: ${stderr.trim()}`);
    }
  }
}

async function comparison(app: string, { against, environments }: ReviewOptions): Promise<Reviewed> {
  progress(`synth of ${against}`);
  const reviews = await compareWith({ project, app, out, ref: String(against), stacks: environments, words });
  return { environments: reviews, digests: {} };
}

main().catch((error: Error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
