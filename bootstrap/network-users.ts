import type { Docker } from "./docker";
import { ExpectedFailure } from "./failure";
import { knownIds } from "./leftovers";
import { literalNames } from "./synthesised";
import type { Terraform } from "./terraform";

/**
 * Refuses when containers of others are on the environment's networks: those cannot be removed then, and Terraform
 * says so after half a minute, with everything else gone already.
 */
export async function requireUnsharedNetworks(
  terraform: Terraform,
  docker: Docker,
  environment: string,
): Promise<void> {
  const networks = literalNames(environment, "docker_network");
  if (networks.length === 0) {
    return;
  }
  const filters = networks.flatMap((name) => ["--filter", `network=${name}`]);
  const list = await docker.run(["ps", "--all", "--no-trunc", ...filters, "--format", "{{.ID}} {{.Names}}"]);
  const containers = list.split("\n").filter(Boolean);
  if (containers.length === 0) {
    return;
  }
  const own = await knownIds(terraform, environment);
  const strangers = containers
    .map((line) => line.split(" "))
    .filter(([id]) => !own.has(id))
    .map(([, name]) => name);
  if (strangers.length > 0) {
    throw new ExpectedFailure(
      `${strangers.sort().join(", ")} ${strangers.length > 1 ? "use" : "uses"} a network of ${environment}: nothing was removed. Fix: npm stop -- <environment> of those containers first, as a mirror goes before its upstream; others: ${docker.commandLine(["rm", "--force", ...strangers])}`,
    );
  }
}
