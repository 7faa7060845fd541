import { destroy, initialise, isKnownToBeEmpty, synth } from "./deploy";
import { chosenEnvironment } from "./environment";
import { conclude } from "./failure";
import { step } from "./step";
import { findTerraform } from "./terraform";

/** `npm stop [-- <environment>]`: removes what the environment deployed; installs and starts nothing. */
async function stop(): Promise<void> {
  const environment = await chosenEnvironment();
  await step("Synth", "turns the TypeScript of environments/ into what Terraform reads", () => synth(environment));
  await step("Destroy", `removes the containers, networks and volumes of ${environment}`, async (progress) => {
    if (isKnownToBeEmpty(environment)) {
      return "nothing is deployed";
    }
    const terraform = await findTerraform();
    await initialise(terraform, environment, progress);
    return destroy(terraform, environment);
  });
}

conclude(stop);
