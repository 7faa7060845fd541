import { relative } from "node:path";
import { lastLines } from "./command";
import type { Docker } from "./docker";
import { ExpectedFailure } from "./failure";
import { engineTime, forgetDeploy, interruptedSince } from "./interrupted";
import { jsonOf } from "./json-output";
import { project } from "./project";
import { folder, literalNames, stateFile } from "./synthesised";
import { LOCK_TIMEOUT, runTerraform, type Terraform } from "./terraform";

/** A container or a network that has a name of the environment, though the environment's state does not know it. */
export interface Leftover {
  readonly kind: "container" | "network";
  readonly id: string;
  readonly name: string;
  /** Milliseconds of the engine's clock. */
  readonly createdAt: number;
}

export interface Leftovers {
  /** Removed: a deploy from this checkout made them and was killed before it could write them down. */
  readonly removed: readonly Leftover[];
  /** Left alone: somebody else may need them. */
  readonly foreign: readonly Leftover[];
  /** Whether the state knows nothing at all, as one that was lost. */
  readonly isStateEmpty: boolean;
}

/**
 * Removes what a killed deploy left, so that the next one can make it anew. Ours are objects that have a name which the
 * environment's configuration gives, are not in its state, and are not older than that deploy. Volumes are never touched:
 * the engine gives a volume that is there already to whoever creates it by name.
 */
export async function removeLeftovers(terraform: Terraform, docker: Docker, environment: string): Promise<Leftovers> {
  // First of all: Terraform's next run overwrites the traces.
  const since = await interruptedSince(environment, docker);
  if ((await unknownObjects(terraform, docker, environment)).length === 0) {
    forgetDeploy(environment);
    return { removed: [], foreign: [], isStateEmpty: false };
  }
  const before = await engineTime(docker);
  await waitForLock(terraform, environment);
  // Another deploy that was under way has written down what is its own by now; one that begins now makes younger objects.
  const unknown = (await unknownObjects(terraform, docker, environment)).filter(({ createdAt }) => createdAt <= before);
  const removed = unknown.filter(({ createdAt }) => since !== undefined && createdAt >= since);
  const foreign = unknown.filter((object) => !removed.includes(object));
  for (const object of inOrder(removed)) {
    await removeObject(docker, object);
  }
  forgetDeploy(environment);
  return { removed, foreign, isStateEmpty: (await knownIds(terraform, environment)).size === 0 };
}

async function removeObject(docker: Docker, { kind, id, name }: Leftover): Promise<void> {
  if (kind === "network") {
    const users = await docker.run(["ps", "--all", "--filter", `network=${id}`, "--format", "{{.Names}}"]);
    if (users.trim() !== "") {
      throw new ExpectedFailure(
        `a killed deploy left the network ${name}, which ${users.trim().split("\n").join(", ")} joined since. Fix: remove those, then try again`,
      );
    }
  }
  const { exitCode, output } = await docker.attempt(remove(kind, id));
  if (exitCode !== 0 && !/no such|not found/i.test(output)) {
    throw new ExpectedFailure(
      `a killed deploy left the ${kind} ${name}, which cannot be removed: ${lastLines(output, 1)}. Fix: ${docker.commandLine(remove(kind, name))}`,
    );
  }
}

/** What the engine has under a name that is taken in the configuration, by an id that the state does not have. */
async function unknownObjects(terraform: Terraform, docker: Docker, environment: string): Promise<Leftover[]> {
  const found = [
    ...(await containers(docker, literalNames(environment, "docker_container"))),
    ...(await networks(docker, literalNames(environment, "docker_network"))),
  ];
  if (found.length === 0) {
    return [];
  }
  const known = await knownIds(terraform, environment);
  return found.filter(({ id }) => !known.has(id));
}

async function containers(docker: Docker, names: readonly string[]): Promise<Leftover[]> {
  const all = await inspect<{ Id: string; Name: string; Created: string }>(docker, "container", names);
  return all
    .map(({ Id, Name, Created }) => ({
      kind: "container" as const,
      id: Id,
      name: Name.replace(/^\//, ""),
      createdAt: Date.parse(Created),
    }))
    .filter(({ name }) => names.includes(name));
}

/** An engine may have several networks of one name. */
async function networks(docker: Docker, names: readonly string[]): Promise<Leftover[]> {
  const list = await docker.run(["network", "ls", "--no-trunc", "--format", "{{.ID}} {{.Name}}"]);
  const ids = list
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, name]) => names.includes(name))
    .map(([id]) => id);
  const all = await inspect<{ Id: string; Name: string; Created: string }>(docker, "network", ids);
  return all.map(({ Id, Name, Created }) => ({ kind: "network", id: Id, name: Name, createdAt: Date.parse(Created) }));
}

/** Those that are there; the command fails for the others and still prints these. */
async function inspect<T>(docker: Docker, kind: Leftover["kind"], names: readonly string[]): Promise<T[]> {
  if (names.length === 0) {
    return [];
  }
  const { stdout, output } = await docker.attempt([kind, "inspect", ...names]);
  if (stdout.trim() === "") {
    throw new ExpectedFailure(`the Docker engine does not answer: ${lastLines(output, 1)}`);
  }
  return jsonOf("docker inspect", stdout) as T[];
}

/** Ids of all that the environment's state knows. */
export async function knownIds(terraform: Terraform, environment: string): Promise<Set<string>> {
  const text = await runTerraform(terraform, ["state", "pull"], { cwd: folder(environment) });
  if (!text.includes("{")) {
    return new Set(); // nothing was ever deployed
  }
  const { resources } = jsonOf("terraform state pull", text) as {
    resources?: { instances: { attributes?: { id?: string } }[] }[];
  };
  const ids = (resources ?? []).flatMap(({ instances }) => instances.map(({ attributes }) => attributes?.id));
  return new Set(ids.filter((id): id is string => id !== undefined));
}

/** A plan without questions to the engine: it takes the state's lock, and so comes after every deploy that runs. */
async function waitForLock(terraform: Terraform, environment: string): Promise<void> {
  const cwd = folder(environment);
  await runTerraform(terraform, ["plan", "-input=false", "-refresh=false", LOCK_TIMEOUT], { cwd });
}

const remove = (kind: Leftover["kind"], name: string): string[] =>
  kind === "container" ? ["container", "rm", "--force", name] : ["network", "rm", name];

/** A network in use cannot be removed. */
const inOrder = (objects: readonly Leftover[]): Leftover[] =>
  [...objects].sort((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0));

/** Volumes that the environment gives a name to and that are there though it is gone: never removed on their own. */
export async function volumesLeft(docker: Docker, environment: string): Promise<string[]> {
  const names = literalNames(environment, "docker_volume");
  const there = (await docker.run(["volume", "ls", "--format", "{{.Name}}"])).split("\n");
  return names.filter((name) => there.includes(name)).sort();
}

/** What to type for objects that are not removed on their own. */
export function removalCommands(docker: Docker, objects: readonly Leftover[]): string {
  return inOrder(objects)
    .map(
      ({ kind, name, createdAt }) =>
        `    ${docker.commandLine(remove(kind, name))}   # made ${new Date(createdAt).toISOString()}`,
    )
    .join("\n");
}

export function foreignFailure(
  docker: Docker,
  environment: string,
  { foreign, isStateEmpty }: Leftovers,
): ExpectedFailure {
  const what = foreign.map(({ kind, name }) => `${kind} ${name}`).join(", ");
  const lost = isStateEmpty
    ? `That state knows nothing at all: if it was lost, bring its backup back${placeOf(environment)} and try again; without one, read docs/lost-state.md before you remove anything. `
    : "";
  return new ExpectedFailure(
    `the engine has ${what}, which the state of ${environment} does not know: another checkout's, or left by a deploy that was killed. ${lost}Fix: if nobody needs them, remove them, then try again (volumes stay, and so do images in them):
${removalCommands(docker, foreign)}`,
  );
}

function placeOf(environment: string): string {
  const file = stateFile(environment);
  return file === undefined ? "" : ` to ${relative(project, file)}`;
}
