import type { Docker } from "./docker";
import { ExpectedFailure } from "./failure";
import { knownIds } from "./leftovers";
import { literalNames } from "./synthesised";
import type { Terraform } from "./terraform";

const FORMAT = '{{.ID}} {{.Names}} {{.Label "com.docker.swarm.service.id"}}';

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
  const list = await docker.run(["ps", "--all", "--no-trunc", ...filters, "--format", FORMAT]);
  const containers = list.split("\n").filter(Boolean);
  if (containers.length === 0) {
    return;
  }
  const strangers = strangersAmong(containers, await knownIds(terraform, environment));
  if (strangers.length > 0) {
    throw new ExpectedFailure(
      `${strangers.sort().join(", ")} ${strangers.length > 1 ? "use" : "uses"} a network of ${environment}: nothing was removed. Fix: npm stop -- <environment> of those containers first, as a mirror goes before its upstream; others: ${docker.commandLine(["rm", "--force", ...strangers])}`,
    );
  }
}

/**
 * Names of those that Terraform does not know.
 *
 * @param containers a line for each: its id, its name, and the id of its service, where it is a task of Swarm
 */
export function strangersAmong(containers: string[], own: { has(id: string): boolean }): string[] {
  return (
    containers
      .map((line) => line.split(" "))
      // A task of Swarm goes with its service.
      .filter(([id, , service]) => !own.has(id) && !own.has(service))
      .map(([, name]) => name)
  );
}
