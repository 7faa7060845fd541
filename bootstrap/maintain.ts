import { Docker } from "./docker";
import { requireEngine } from "./engine";
import { chosenEnvironment, environmentNamed } from "./environment";
import { conclude, ExpectedFailure } from "./failure";
import { configuration } from "./synthesised";

const COMMANDS = ["collect", "check", "quarantine", "undo", "status"];
const OPTIONS: { readonly [verb: string]: string } = { collect: "--dry-run", check: "--full" };
const SCRIPT = "/config/current/bin/maintain";

/** As far as it matters here: what writes files, and what mounts them. */
interface ContainerResource {
  readonly name?: string;
  readonly upload?: readonly { readonly file: string }[];
  readonly volumes?: readonly {
    readonly container_path: string;
    readonly read_only: boolean;
    readonly volume_name?: string;
  }[];
}

/** `npm run maintain -- <environment> collect [--dry-run] | check [--full] | quarantine | undo | status` */
async function maintain(): Promise<void> {
  const [name, ...command] = process.argv.slice(2);
  const environment = await chosenEnvironment(name === undefined ? [] : [name]);
  const wanted = requireCommand(command);
  const docker = new Docker(await environmentNamed(environment));
  await requireEngine(docker);
  for (const container of maintainedContainers(
    configuration(environment).resource?.docker_container ?? {},
    environment,
  )) {
    process.exitCode ||= await docker.show(["exec", container, SCRIPT, ...wanted]);
  }
}

export function requireCommand(command: readonly string[]): readonly string[] {
  const [verb, option, ...rest] = command;
  const takes = option === undefined || OPTIONS[verb] === option;
  if (!COMMANDS.includes(verb) || !takes || rest.length > 0) {
    throw new ExpectedFailure(
      `"${command.join(" ")}" is not a command; known are: collect [--dry-run], check [--full], quarantine, undo, status`,
    );
  }
  return command;
}

export function maintainedContainers(
  resources: Readonly<Record<string, ContainerResource>>,
  environment: string,
): string[] {
  const configOf = ({ volumes = [] }: ContainerResource, isReader: boolean) =>
    volumes.find((mount) => mount.container_path === "/config" && mount.read_only === isReader)?.volume_name;
  // Each registry with a disk to watch writes a status; those with maintenance have the script among their files.
  const maintained = Object.values(resources)
    .filter(({ upload = [] }) => upload.some(({ file }) => file.endsWith("/bin/maintain")))
    .map((writer) => configOf(writer, false));
  const names = Object.values(resources)
    .filter((reader) => maintained.includes(configOf(reader, true) ?? ""))
    .map(({ name }) => String(name));
  if (names.length === 0) {
    throw new ExpectedFailure(
      `the registry of ${environment} has no maintenance. Fix: give it maintenance: GarbageCollection.of() and deploy`,
    );
  }
  return names;
}

if (require.main === module) {
  conclude(maintain);
}
