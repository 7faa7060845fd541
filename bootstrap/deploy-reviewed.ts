import { join } from "node:path";
import { fingerprintOf } from "../review/model/fingerprint";
import { NotReviewed, type ReadPlan, requireReviewed } from "../review/model/reviewed";
import { type DeployOptions, deployOptions } from "../review/run/deploy-options";
import { applyPlan, makePlan, type Planning, showPlan } from "../review/run/plan";
import { inPrivateFolder } from "../review/run/private-folder";
import { synth } from "./deploy";
import { withEngineReasons } from "./deploy-failure";
import { Docker } from "./docker";
import { chosenEnvironment, environmentNamed } from "./environment";
import { conclude, ExpectedFailure } from "./failure";
import { engineTime, forgetDeploy, isDeployNoted, noteDeploy } from "./interrupted";
import { digestsOf, explained, key, stackToReview } from "./reviewing";
import { type Progress, step } from "./step";
import { inTurn } from "./turn";

const USAGE = "npm run deploy -- <environment> --reviewed <fingerprint> [--report <JSON of the review>]";

/** `npm run deploy -- <environment> --reviewed <fingerprint>`: applies the plan that was read, and no other. */
async function deployReviewed(): Promise<void> {
  const { environment: wanted, reviewed, report } = request(process.argv.slice(2));
  const environment = await chosenEnvironment([wanted]);
  // Before anything is done: a word that is no fingerprint, or a report that is none.
  const digests = digestsOf(environment, reviewed, report);
  await step("Synth", "turns the TypeScript of environments/ into what Terraform reads", () => synth(environment));
  await step("Deploy", `makes ${environment} what was reviewed`, (progress) =>
    applyReviewed(
      { environment, fingerprint: reviewed, digests, command: `npm run review -- ${environment}` },
      progress,
    ),
  );
}

function request(args: readonly string[]): DeployOptions {
  try {
    return deployOptions(args, USAGE);
  } catch (error) {
    throw new ExpectedFailure((error as Error).message);
  }
}

/** The plan is made again: none is stored, as it holds what the state holds. */
function applyReviewed(read: ReadPlan, progress: Progress): Promise<string> {
  const { environment } = read;
  return inPrivateFolder(async (folder) => {
    const stack = await inTurn(() => stackToReview(environment, progress));
    const planning: Planning = { ...stack, file: join(folder, "deploy.tfplan") };
    const docker = new Docker(await environmentNamed(environment));
    try {
      progress("planning");
      const changes = await makePlan(planning);
      requireReviewed(read, changes ? fingerprintOf(await showPlan(planning), key()) : undefined);
      progress("applying");
      return await apply(environment, planning, docker);
    } catch (error) {
      if (error instanceof ExpectedFailure) {
        throw error;
      }
      if (error instanceof NotReviewed) {
        throw new ExpectedFailure(error.message);
      }
      throw await withEngineReasons(new ExpectedFailure(explained(error, planning.folder)), docker, environment);
    }
  });
}

async function apply(environment: string, planning: Planning, docker: Docker): Promise<string> {
  // The note of a deploy that was killed is for npm start, which removes what that one left.
  const isFirst = !isDeployNoted(environment);
  if (isFirst) {
    noteDeploy(environment, await engineTime(docker));
  }
  try {
    const output = await applyPlan(planning);
    return /^Apply complete! (.*)$/m.exec(output)?.[1] ?? "done";
  } finally {
    if (isFirst) {
      forgetDeploy(environment);
    }
  }
}

if (require.main === module) {
  conclude(deployReviewed);
}
