import { destroy, synth } from "./deploy";
import { Docker } from "./docker";
import { requireEngine } from "./engine";
import { chosenEnvironment, environmentNamed } from "./environment";
import { conclude } from "./failure";
import { step } from "./step";
import { findTerraform } from "./terraform";

/** `npm stop [-- <environment>]`: removes what the environment deployed; installs and starts nothing. */
async function stop(): Promise<void> {
  const environment = await chosenEnvironment();
  const docker = new Docker(await environmentNamed(environment));
  await step("Synth", "turns the TypeScript of environments/ into what Terraform reads", () => synth(environment));
  await step("Destroy", `removes the containers, networks and volumes of ${environment}`, async () => {
    await requireEngine(docker);
    const terraform = { ...(await findTerraform()), env: docker.shellWithoutEngine() };
    return destroy(terraform, docker, environment);
  });
}

conclude(stop);
