import { Docker } from "./docker";
import { requireEngine } from "./engine";
import { chosenEnvironment, environmentNamed } from "./environment";
import { conclude, ExpectedFailure } from "./failure";
import { configuration } from "./synthesised";

const COMMANDS = ["collect", "check", "quarantine", "undo", "status"];
const OPTIONS: { readonly [verb: string]: string } = { collect: "--dry-run", check: "--full" };
const SCRIPT = "/config/current/bin/maintain";
/** What the names of services that collect end with. */
const COLLECTOR = "-collector";

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
  const { docker_container: containers = {}, docker_service: services = {} } =
    configuration(environment).resource ?? {};
  const collectors = collectingServices(services);
  const found =
    collectors.length > 0
      ? await Promise.all(collectors.map((service) => taskOf(service, docker)))
      : maintainedContainers(containers, environment);
  for (const container of found) {
    process.exitCode ||= await docker.show(["exec", container, "sh", SCRIPT, ...wanted]);
  }
}

/** Names of the services that collect, of a registry on a Swarm. */
export function collectingServices(services: Readonly<Record<string, { readonly name?: string }>>): string[] {
  return Object.values(services)
    .map(({ name }) => String(name))
    .filter((name) => name.endsWith(COLLECTOR));
}

/** The container of a service's one task. Of another node the engine knows no more than that it is there. */
async function taskOf(service: string, docker: Docker): Promise<string> {
  const here = await docker.run(["ps", "--quiet", "--filter", `label=com.docker.swarm.service.name=${service}`]);
  const [container] = here.split("\n").filter(Boolean);
  if (container === undefined) {
    const running = ["service", "ps", "--filter", "desired-state=running", "--format", "{{.Node}}", service];
    const node = (await docker.run(running)).trim().split("\n")[0];
    throw new ExpectedFailure(noTaskHere(service, node));
  }
  return container;
}

/** What to do where the task is not on the engine that was asked. */
export function noTaskHere(service: string, node: string): string {
  return node === ""
    ? `${service} has no task that runs. Fix: docker service ps ${service} says why`
    : `the task of ${service} is on ${node}, another engine than this one. Fix: there, docker exec $(docker ps --quiet --filter label=com.docker.swarm.service.name=${service}) sh ${SCRIPT} …`;
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
