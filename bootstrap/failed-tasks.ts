import type { Docker } from "./docker";
import { ExpectedFailure } from "./failure";

/** What the provider says when tasks of Swarm do not come to run; why, only Swarm knows. */
const NOT_CONVERGED = /did not converge|service rollback|service update paused/;

const FORMAT = "{{.Node}}\t{{.Error}}";

/**
 * Adds what Swarm says of the tasks that failed or found no place.
 *
 * @param services those of the environment, of which the provider has removed what it could not make
 */
export async function withTaskReasons(error: unknown, docker: Docker, services: readonly string[]): Promise<unknown> {
  if (!(error instanceof ExpectedFailure) || !NOT_CONVERGED.test(error.message)) {
    return error;
  }
  const reasons: string[] = [];
  for (const service of services) {
    const { exitCode, stdout } = await docker.attempt(["service", "ps", "--no-trunc", "--format", FORMAT, service]);
    reasons.push(...(exitCode === 0 ? failedTasks(service, stdout) : []));
  }
  return reasons.length === 0 ? error : new ExpectedFailure([error.message, "", ...reasons].join("\n"));
}

/** A line for each different failure, the latest first. */
export function failedTasks(service: string, tasks: string): string[] {
  const failures = tasks
    .split("\n")
    .map((line) => line.split("\t"))
    .filter(([, error]) => error)
    .map(([node, error]) => `${service}${node ? ` on ${node}` : ""}: ${error.trim().replace(/^"|"$/g, "")}`);
  return [...new Set(failures)].slice(0, 3);
}
