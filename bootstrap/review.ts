import { join } from "node:path";
import type { Configuration } from "../picture/topology";
import type { EnvironmentReview } from "../review/model/change";
import { compareWith } from "../review/run/against";
import { stacksIn } from "../review/run/manifest";
import { type ReviewOptions, reviewOptions } from "../review/run/options";
import { chosen, policyIn } from "../review/run/policy-file";
import { report } from "../review/run/report";
import { type Reviewed, reviewStacks, type StackToReview } from "../review/run/review-stacks";
import { registryWords } from "../review/words/docker-registry";
import { appCommand, synthApp } from "./deploy";
import { conclude, ExpectedFailure } from "./failure";
import { pictured } from "./pictured";
import { project } from "./project";
import { explained, key, noteReviewed, removedEnvironments, stackToReview } from "./reviewing";
import { configuration, OUT } from "./synthesised";

const POLICY = "environments/allowed-changes.txt";
const USAGE =
  "npm run review -- [environment…] [--against <git ref>] [--drift] [--format terminal|markdown|json] [--policy <file>] [--json <file>]";
const words = [registryWords];

/** What people wait for goes to the other stream, so that the report can be kept in a file. */
const progress = (activity: string): void => console.error(`    ... ${activity}`);

/** `npm run review [-- <environment>…]`: what a deploy would do, for people; it changes nothing. */
async function review(): Promise<void> {
  const options = forPeople(() => reviewOptions(process.argv.slice(2), USAGE));
  const policy = forPeople(() => policyIn(options.policy, join(project, POLICY)));
  progress("synth");
  await synthApp();
  const { environments, digests } = options.against === undefined ? await plans(options) : await comparison(options);
  const known = stacksIn(OUT);
  // One that the code has no more is made of nothing.
  const draw = (one: EnvironmentReview) =>
    known.has(one.environment) ? pictured(one, () => configuration(one.environment) as Configuration) : one;
  report(options, policy.apply(environments.map(draw)), digests);
}

async function plans(options: ReviewOptions): Promise<Reviewed> {
  const known = [...stacksIn(OUT).keys()];
  const wanted = forPeople(() => chosen(options.environments, known));
  const stacks: StackToReview[] = [];
  for (const name of wanted) {
    stacks.push(await stackToReview(name, progress));
  }
  const reviewed = await reviewStacks({
    stacks,
    words,
    key: key(),
    driftOnly: options.driftOnly,
    progress: (name) => progress(`planning ${name}`),
    explain: (error, { folder }) => explained(error, folder),
  });
  noteReviewed(reviewed.environments, reviewed.digests);
  const removed = options.environments.length === 0 && !options.driftOnly ? removedEnvironments(known) : [];
  return { ...reviewed, environments: [...reviewed.environments, ...removed] };
}

async function comparison({ against, environments }: ReviewOptions): Promise<Reviewed> {
  progress(`synth of ${against}`);
  const reviews: EnvironmentReview[] = await compareWith({
    project,
    app: appCommand(),
    out: OUT,
    ref: String(against),
    stacks: environments,
    words,
    // Which images this machine uses was decided by the bootstrap: no change of the code.
    alongside: ["environments/image-source.json"],
  }).catch((error) => {
    throw new ExpectedFailure(error.message);
  });
  return { environments: reviews, digests: {} };
}

/** Without a stack trace: whoever typed it can mend it. */
function forPeople<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new ExpectedFailure((error as Error).message);
  }
}

if (require.main === module) {
  conclude(review);
}
