import execa from "execa";

/** What a deployment can leave on an engine. Images are left out: stacks share and keep them. */
export type Kind = "container" | "network" | "volume";

export interface EngineObject {
  readonly kind: Kind;
  readonly name: string;
}

const LISTS: Record<Kind, string[]> = {
  container: ["container", "ls", "--all", "--format", "{{.Names}}"],
  network: ["network", "ls", "--format", "{{.Name}}"],
  volume: ["volume", "ls", "--format", "{{.Name}}"],
};

/** `host`: another engine than the machine's. */
export async function objectsOf(isWanted: (name: string) => boolean, host?: string): Promise<EngineObject[]> {
  const found: EngineObject[] = [];
  for (const [kind, list] of Object.entries(LISTS) as [Kind, string[]][]) {
    const { stdout } = await execa("docker", [...on(host), ...list]);
    const names = stdout.split("\n").filter((name) => name !== "" && isWanted(name));
    found.push(...names.map((name) => ({ kind, name })));
  }
  return found;
}

/** Containers first, with their anonymous volumes: networks and volumes in use cannot be removed. */
export async function removeObjects(objects: EngineObject[]): Promise<void> {
  const order: [Kind, string[]][] = [
    ["container", ["container", "rm", "--force", "--volumes"]],
    ["network", ["network", "rm"]],
    ["volume", ["volume", "rm", "--force"]],
  ];
  for (const [kind, remove] of order) {
    const names = objects.filter((object) => object.kind === kind).map((object) => object.name);
    if (names.length > 0) {
      await execa("docker", [...remove, ...names]);
    }
  }
}

/** `docker inspect` of one container, network or volume. */
// biome-ignore lint/suspicious/noExplicitAny: the engine's answer has no type here
export async function inspect(name: string, host?: string): Promise<any> {
  const { stdout } = await execa("docker", [...on(host), "inspect", name]);
  return JSON.parse(stdout)[0];
}

/** Tells whether a container is the same process as before: neither made anew nor restarted. */
export async function processOf(container: string, host?: string): Promise<{ id: string; startedAt: string }> {
  const { Id, State } = await inspect(container, host);
  return { id: Id, startedAt: State.StartedAt };
}

function on(host?: string): string[] {
  return host === undefined ? [] : ["--host", host];
}
