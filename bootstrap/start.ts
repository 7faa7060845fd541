import { deploy, initialise, type Outputs, outputs, synth } from "./deploy";
import { Docker } from "./docker";
import { chosenEnvironment, environmentNamed } from "./environment";
import { conclude } from "./failure";
import { ensureImages, ensureImagesOn, imageToTry, OPTIONAL_IMAGES } from "./images";
import { prepareMachine } from "./prepare";
import { elapsed, step } from "./step";
import { requireSwarmManager } from "./swarm-manager";
import { literalNames } from "./synthesised";
import type { Terraform } from "./terraform";
import { inTurn } from "./turn";

/** `npm start [-- <environment>]`: from a machine with nothing to a registry that answers. */
async function start(): Promise<void> {
  const started = Date.now();
  const environment = await chosenEnvironment();
  const named = await environmentNamed(environment);
  const docker = new Docker(named);
  const terraform = await inTurn(() => prepare(docker, environment, named.onSwarm));
  await step("Deploy", `makes the containers of ${environment} what they should be`, (progress) =>
    deploy(terraform, docker, environment, progress),
  );
  console.log(instructions(environment, await outputs(terraform, environment), imageToTry(), named.pullOnly));
  console.log(`\n${environment} is up after ${elapsed(started)}. npm stop${suffix(environment)} removes it.`);
}

async function prepare(docker: Docker, environment: string, onSwarm: boolean): Promise<Terraform> {
  const terraform = await prepareMachine(docker);
  if (onSwarm) {
    await requireSwarmManager(docker, environment);
  }
  await step("Synth", "turns the TypeScript of environments/ into what Terraform reads", () => synth(environment));
  const names = literalNames(environment, "docker_image");
  if (docker.engine !== undefined) {
    await step("Images", `what ${environment} needs, on the engine that it names`, (progress) =>
      ensureImagesOn(docker, names, progress),
    );
  } else if (OPTIONAL_IMAGES.some((image) => names.includes(image))) {
    await step("Images", `what ${environment} needs beside those`, (progress) =>
      ensureImages(progress, docker, (image) => names.includes(image)),
    );
  }
  await step("Init", "connects every environment with its providers and its state", (progress) =>
    initialise(terraform, environment, progress),
  );
  return terraform;
}

const suffix = (environment: string): string => (environment === "local" ? "" : ` -- ${environment}`);

/** What to type next. Passwords are piped, so that neither a screen nor a shell's history keeps them. */
export function instructions(environment: string, outputs: Outputs, image: string, pullOnly = false): string {
  const host = String(outputs.registry_host);
  const remote = `${host}/${image.slice(image.lastIndexOf("/") + 1)}`;
  const lines = ["", `Registry: ${outputs.registry_url}`];
  const why = trustReason(String(outputs.registry_url));
  if (typeof outputs.client_trust_directory === "string" && why) {
    lines.push("", `${why} (once on each client):`, `  sudo sh ${outputs.client_trust_directory}/install.sh`);
  }
  const users = Object.keys((outputs.users as Record<string, string> | undefined) ?? {});
  if (users.length > 0) {
    lines.push("", "Log in:");
    for (const user of users) {
      const login = `docker login --username ${user} --password-stdin ${host}`;
      lines.push(`  npm run --silent password -- ${environment} ${user} | ${login}`);
    }
  }
  const pull = `  docker pull ${remote}`;
  if (pullOnly) {
    lines.push("", "Try it with an image that its upstream has, such as:", pull);
  } else {
    lines.push("", "Try it:", `  docker tag ${image} ${remote}`, `  docker push ${remote}`, pull);
  }
  return lines.join("\n");
}

/** Docker takes plain HTTP from the machine itself, and from nowhere else unless it is told to. */
function trustReason(url: string): string | undefined {
  const { protocol, hostname } = new URL(url);
  if (protocol === "https:") {
    return "Trust its certificate";
  }
  return hostname === "localhost" || hostname.startsWith("127.") ? undefined : "Accept plain HTTP";
}

if (require.main === module) {
  conclude(start);
}
