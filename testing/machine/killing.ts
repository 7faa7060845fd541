import execa from "execa";
import { images } from "../../environments/images";
import { inspect } from "./engine-objects";

/**
 * Kills the first processes of containers one after another, as the kernel does when memory runs out; from a container,
 * so that it needs no root here and works on a remote engine.
 */
export async function killProcesses(containers: string[], pauseSeconds: number): Promise<void> {
  const pids = await Promise.all(containers.map(async (name) => (await inspect(name)).State.Pid as number));
  const kills = pids.map((pid) => `kill -9 ${pid}`).join(`; sleep ${pauseSeconds}; `);
  const run = ["run", "--rm", "--pid=host", "--network=none", "--entrypoint=sh", images.nginx.reference];
  await execa("docker", [...run, "-c", kills]);
}
