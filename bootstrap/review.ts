import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EnvironmentReview } from "../review/model/change";
import { exitCode, Policy } from "../review/model/policy";
import { compareWith } from "../review/run/against";
import { stacksIn } from "../review/run/manifest";
import { render } from "../review/run/report";
import { type Reviewed, reviewStacks, type StackToReview } from "../review/run/review-stacks";
import { registryWords } from "../review/words/docker-registry";
import { appCommand, synthApp } from "./deploy";
import { conclude, ExpectedFailure } from "./failure";
import { project } from "./project";
import { type ReviewOptions, reviewOptions } from "./review-options";
import { explained, key, noteReviewed, removedEnvironments, stackToReview } from "./reviewing";
import { OUT } from "./synthesised";

const POLICY = "environments/allowed-changes.txt";
const words = [registryWords];

/** What people wait for goes to the other stream, so that the report can be kept in a file. */
const progress = (activity: string): void => console.error(`    ... ${activity}`);

/** `npm run review [-- <environment>…]`: what a deploy would do, for people; it changes nothing. */
async function review(): Promise<void> {
  const options = reviewOptions(process.argv.slice(2));
  const policy = policyOf(options);
  progress("synth");
  await synthApp();
  const { environments, digests } = options.against === undefined ? await plans(options) : await comparison(options);
  const result = policy.apply(environments);
  process.stdout.write(render(options.format, result, digests));
  process.exitCode = exitCode(result);
}

async function plans(options: ReviewOptions): Promise<Reviewed> {
  const known = [...stacksIn(OUT).keys()];
  const unknown = options.environments.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new ExpectedFailure(`"${unknown.join(" ")}" is not an environment; known are: ${known.join(", ")}`);
  }
  const wanted = known.filter((name) => options.environments.length === 0 || options.environments.includes(name));
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

function policyOf({ policy }: ReviewOptions): Policy {
  const file = policy ?? join(project, POLICY);
  if (policy !== undefined && !existsSync(policy)) {
    throw new ExpectedFailure(`${policy} is not there. Fix: name a policy that is, or leave --policy out`);
  }
  try {
    return Policy.parse(existsSync(file) ? readFileSync(file, "utf8") : "");
  } catch (error) {
    throw new ExpectedFailure(`${policy ?? POLICY}: ${(error as Error).message}`);
  }
}

if (require.main === module) {
  conclude(review);
}
