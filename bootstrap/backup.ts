import { lastLines } from "./command";
import { Docker } from "./docker";
import { requireEngine } from "./engine";
import { chosenEnvironment, environmentNamed } from "./environment";
import { conclude, ExpectedFailure } from "./failure";
import { configuration } from "./synthesised";

const SCRIPT = "/config/current/bin/backup";
const KNOWN = "now, list, check [--full], status, restore [<id>] --into <volume>";

/** As far as it matters here: a backup is what has the repository's links to work with. */
interface ContainerResource {
  readonly name?: string;
  readonly volumes?: readonly { readonly container_path: string }[];
}

/** What is wanted: a command of the script, and for a restore the volume that is filled. */
export interface BackupCommand {
  readonly script: readonly string[];
  readonly volume?: string;
}

/** `npm run backup -- <environment> now | list | check [--full] | status | restore [<id>] --into <volume>` */
async function backup(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  const environment = await chosenEnvironment(name === undefined ? [] : [name]);
  const { script, volume } = requireBackupCommand(args);
  const docker = new Docker(await environmentNamed(environment));
  await requireEngine(docker);
  const [container, ...others] = backupContainers(
    configuration(environment).resource?.docker_container ?? {},
    environment,
  );
  if (volume !== undefined) {
    process.exitCode = await docker.show(await restoreArguments(docker, container, script, volume));
    if (process.exitCode === 0) {
      console.log(`The volume ${volume} is ready. How the registry comes to use it: docs/backup.md, "Restore".`);
    }
    return;
  }
  for (const each of [container, ...others]) {
    process.exitCode ||= await docker.show(["exec", each, SCRIPT, ...script]);
  }
}

export function requireBackupCommand(args: readonly string[]): BackupCommand {
  const [verb, ...rest] = args;
  const line = args.join(" ");
  if (/^(now|list|status|check( --full)?)$/.test(line)) {
    return { script: args };
  }
  const into = rest.indexOf("--into");
  if (verb === "restore" && into >= 0 && into <= 1 && rest.length === into + 2) {
    return { script: ["restore", ...rest.slice(0, into)], volume: rest[into + 1] };
  }
  throw new ExpectedFailure(`"${line}" is not a command; known are: ${KNOWN}`);
}

export function backupContainers(
  resources: Readonly<Record<string, ContainerResource>>,
  environment: string,
): string[] {
  const names = Object.values(resources)
    .filter(({ volumes = [] }) => volumes.some((mount) => mount.container_path === "/backup"))
    .map(({ name }) => String(name));
  if (names.length === 0) {
    throw new ExpectedFailure(
      `${environment} has no backup. Fix: give it backup: { target: BackupTarget.volume() } and deploy`,
    );
  }
  return names;
}

/** A container beside that of the backup, with all that it has, and with a volume more. It is root, as new volumes are root's. */
export async function restoreArguments(
  docker: Docker,
  container: string,
  script: readonly string[],
  volume: string,
): Promise<string[]> {
  const { exitCode, output } = await docker.attempt(["inspect", "--format", "{{.Image}}", container]);
  if (exitCode !== 0) {
    throw new ExpectedFailure(`the container ${container} is not there: ${lastLines(output, 1)}. Fix: deploy first`);
  }
  const rights = ["--cap-drop=ALL", ...["CHOWN", "DAC_OVERRIDE", "FOWNER"].map((one) => `--cap-add=${one}`)];
  return [
    ...["run", "--rm", "--user=0:0", ...rights, "--security-opt=no-new-privileges"],
    ...[`--volumes-from=${container}`, `--network=container:${container}`, `--volume=${volume}:/restore`],
    ...[`--entrypoint=${SCRIPT}`, output.trim(), ...script],
  ];
}

if (require.main === module) {
  conclude(backup);
}
