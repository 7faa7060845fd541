import { join } from "node:path";
import { parseArgs } from "node:util";
import { drifted, type Fingerprint, fingerprintOf } from "../review/model/fingerprint";
import { applyPlan, makePlan, type Planning, showPlan } from "../review/run/plan";
import { inPrivateFolder } from "../review/run/private-folder";
import { synth } from "./deploy";
import { Docker } from "./docker";
import { chosenEnvironment, environmentNamed } from "./environment";
import { conclude, ExpectedFailure } from "./failure";
import { engineTime, forgetDeploy, isDeployNoted, noteDeploy } from "./interrupted";
import { digestsOf, explained, key, stackToReview } from "./reviewing";
import { type Progress, step } from "./step";
import { literalNames } from "./synthesised";
import { inTurn } from "./turn";
import { withReasons } from "./unhealthy";

const USAGE = "npm run deploy -- <environment> --reviewed <fingerprint> [--report <JSON of the review>]";

/** `npm run deploy -- <environment> --reviewed <fingerprint>`: applies the plan that was read, and no other. */
async function deployReviewed(): Promise<void> {
  const { environments, reviewed, report } = request(process.argv.slice(2));
  const environment = await chosenEnvironment(environments);
  // Before anything is done: a word that is no fingerprint, or a report that is none.
  const digests = digestsOf(environment, reviewed, report);
  await step("Synth", "turns the TypeScript of environments/ into what Terraform reads", () => synth(environment));
  await step("Deploy", `makes ${environment} what was reviewed`, (progress) =>
    applyReviewed(environment, { fingerprint: reviewed, digests }, progress),
  );
}

function request(args: readonly string[]): { environments: readonly string[]; reviewed: string; report?: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { reviewed: { type: "string" }, report: { type: "string" } },
    });
    if (positionals.length !== 1 || values.reviewed === undefined) {
      throw new Error("an environment and a fingerprint are needed, as npm run review prints them");
    }
    return { environments: positionals, reviewed: values.reviewed, report: values.report };
  } catch (error) {
    throw new ExpectedFailure(`${(error as Error).message}\n    ${USAGE}`);
  }
}

/** What somebody has read. */
interface Reviewed {
  readonly fingerprint: string;
  /** Not set where they are on another machine. */
  readonly digests?: Fingerprint["parts"];
}

/** The plan is made again: none is stored, as it holds what the state holds. */
function applyReviewed(environment: string, reviewed: Reviewed, progress: Progress): Promise<string> {
  return inPrivateFolder(async (folder) => {
    const stack = await inTurn(() => stackToReview(environment, progress));
    const planning: Planning = { ...stack, file: join(folder, "deploy.tfplan") };
    const docker = new Docker(await environmentNamed(environment));
    try {
      progress("planning");
      const changes = await makePlan(planning);
      requireReviewed(environment, reviewed, changes ? fingerprintOf(await showPlan(planning), key()) : undefined);
      progress("applying");
      return await apply(environment, planning, docker);
    } catch (error) {
      if (error instanceof ExpectedFailure) {
        throw error;
      }
      const failure = new ExpectedFailure(explained(error, planning.folder));
      throw await withReasons(failure, docker, literalNames(environment, "docker_container"));
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

function requireReviewed(
  environment: string,
  { fingerprint, digests }: Reviewed,
  now: ReturnType<typeof fingerprintOf> | undefined,
): void {
  if (now?.id === fingerprint) {
    return;
  }
  const again = `nothing was applied. Fix: read it again (npm run review -- ${environment}) and deploy what you have read`;
  if (now === undefined) {
    throw new ExpectedFailure(`there is nothing to change any more: somebody has deployed it meanwhile; ${again}`);
  }
  const which =
    digests === undefined
      ? "which argument that is cannot be told, since the review was made elsewhere; a review made with another key never fits"
      : drifted(digests, now.parts).slice(0, 20).join("\n    ");
  throw new ExpectedFailure(`the plan is not the one that was reviewed; ${again}\n    ${which}`);
}

if (require.main === module) {
  conclude(deployReviewed);
}
