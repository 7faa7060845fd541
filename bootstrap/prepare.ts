import { Docker } from "./docker";
import { ensureEngine } from "./engine";
import { conclude } from "./failure";
import { decideSource, ensureImages } from "./images";
import { ensureProviders } from "./providers";
import { step } from "./step";
import { describeTerraform, findTerraform, type Terraform } from "./terraform";
import { ensureClients } from "./test-clients";

/** Everything that a deploy needs, up to the deploy itself. Changes nothing that is already right. */
export async function prepareMachine(docker = new Docker(), forTests = false): Promise<Terraform> {
  await step("Engine", "the containers of the registry run on it", (progress) => ensureEngine(progress, docker));
  const terraform = { ...(await findTerraform()), env: docker.shellWithoutEngine() };
  await step("Terraform", "compares what is there with what should be, and makes it so", () =>
    describeTerraform(terraform),
  );
  await step("Providers", "Terraform's plug-ins for containers, keys, files and passwords", (progress) =>
    ensureProviders(terraform, progress),
  );
  await step("Images", "the registry, nginx, Redis and restic", async (progress) =>
    docker.engine === undefined
      ? ensureImages(progress, docker, () => forTests)
      : `${await decideSource(docker, progress)} images, after the synth`,
  );
  return terraform;
}

async function main(): Promise<void> {
  const forTests = process.argv.includes("--with-clients");
  await prepareMachine(new Docker(), forTests);
  if (forTests) {
    await step("Clients", "the programs that the tests push, pull and measure with", ensureClients);
  }
}

if (require.main === module) {
  conclude(main);
}
