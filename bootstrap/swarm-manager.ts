import type { Docker } from "./docker";
import { ExpectedFailure } from "./failure";

/** The engine itself would say so only halfway through a deploy. */
export async function requireSwarmManager(docker: Docker, environment: string): Promise<void> {
  const answer = await docker.run(["info", "--format", "{{.Swarm.ControlAvailable}}"]);
  const problem = managerProblem(answer, environment, docker.commandLine(["swarm", "init"]));
  if (problem !== undefined) {
    throw new ExpectedFailure(problem);
  }
}

/** What is wrong with an engine that answers so to the question whether it manages a Swarm, if anything. */
export function managerProblem(answer: string, environment: string, command: string): string | undefined {
  return answer.trim() === "true"
    ? undefined
    : `${environment} needs the manager of a Docker Swarm, and this engine is none. Fix: ${command}, or name a manager by \`engine\` in the environment`;
}
