import execa from "execa";
import { inspect } from "../machine/engine-objects";
import { eventually } from "../machine/eventually";

/** Collects by the command that the registry's maintainers document, with the registry stopped meanwhile. */
export async function collectAsDocumented(container: string, image: string): Promise<void> {
  await execa("docker", ["stop", container]);
  const run = ["run", "--rm", "--network=none", "--user=65532:65532", `--volumes-from=${container}`];
  const command = ["--entrypoint=registry", image, "garbage-collect", "/config/current/config.yml"];
  // It fails on a storage that is still empty.
  await execa("docker", [...run, ...command], { reject: false });
  await execa("docker", ["start", container]);
  await eventually(async () => {
    const { State } = await inspect(container);
    if (State.Health.Status !== "healthy") {
      throw new Error(`${container} is ${State.Health.Status}`);
    }
  }, 120_000);
}

/** One run of the maintenance in the registry's container; its output. */
export async function maintain(container: string, ...args: string[]): Promise<{ exitCode: number; output: string }> {
  const command = ["exec", container, "/config/current/bin/maintain", ...args];
  const { exitCode, all } = await execa("docker", command, { all: true, reject: false });
  return { exitCode, output: all ?? "" };
}

/** As a run of the maintenance holds writes, but for as many seconds as are named. */
export async function holdWrites(container: string, seconds: number): Promise<void> {
  const hold = "mkdir /tmp/maintaining; echo $$ >/tmp/maintaining/pid; : >/run/status/window; sleep $0";
  await execa("docker", ["exec", container, "sh", "-c", hold, String(seconds)]);
}
