import { destroy, isKnownToBeEmpty, synth } from "./deploy";
import { chosenEnvironment } from "./environment";
import { conclude } from "./failure";
import { step } from "./step";
import { findTerraform } from "./terraform";

/** `npm stop [-- <environment>]`: removes what the environment deployed; installs and starts nothing. */
async function stop(): Promise<void> {
  const environment = await chosenEnvironment();
  await step("Synth", "turns the TypeScript of environments/ into what Terraform reads", () => synth(environment));
  await step("Destroy", `removes the containers, networks and volumes of ${environment}`, async () => {
    if (isKnownToBeEmpty(environment)) {
      return "nothing is deployed";
    }
    return destroy(await findTerraform(), environment);
  });
}

conclude(stop);
