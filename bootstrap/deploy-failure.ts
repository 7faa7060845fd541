import type { Docker } from "./docker";
import { withTaskReasons } from "./failed-tasks";
import { literalNames } from "./synthesised";
import { withReasons } from "./unhealthy";

/** The failure of a deploy with what the engine says of the environment's containers and services, which Terraform does not. */
export async function withEngineReasons(error: unknown, docker: Docker, environment: string): Promise<unknown> {
  const withHealth = await withReasons(error, docker, literalNames(environment, "docker_container"));
  return withTaskReasons(withHealth, docker, literalNames(environment, "docker_service"));
}
