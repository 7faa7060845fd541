import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aptInstall, debianSources } from "./apt";
import { isInstalled, lastLines, run } from "./command";
import { Docker } from "./docker";
import { ExpectedFailure } from "./failure";
import { goArchitecture, goBuild } from "./go";
import { project } from "./project";
import { elapsed, type Progress } from "./step";

const DEBIAN = "trixie";
const RECIPE_LABEL = "cdktf-docker-registry.recipe";
const recipes = join(project, "images");

/** An image under both names: of the image registry, and of the recipe in images/ for machines that reach none. */
interface Image {
  readonly upstream: string;
  readonly homeMade: string;
  readonly recipe: string;
  /** Made where an environment names it, and for the tests. */
  readonly isOptional?: boolean;
}

export const IMAGES: readonly Image[] = [
  { upstream: "registry:3.1", homeMade: "cdktf-docker-registry/registry:3.1", recipe: "registry-v3" },
  { upstream: "registry:2.8", homeMade: "cdktf-docker-registry/registry:2.8", recipe: "registry-v2" },
  { upstream: "nginx:1.28", homeMade: "cdktf-docker-registry/nginx:1.26", recipe: "nginx" },
  { upstream: "redis:8.2", homeMade: "cdktf-docker-registry/redis:8.0", recipe: "redis" },
  { upstream: "restic/restic:0.18.1", homeMade: "cdktf-docker-registry/restic:0.18", recipe: "restic" },
  {
    upstream: "prom/prometheus:v3.5.0",
    homeMade: "cdktf-docker-registry/prometheus:2.53",
    recipe: "prometheus",
    isOptional: true,
  },
];

/** By each of their names. */
export const OPTIONAL_IMAGES: readonly string[] = IMAGES.filter((image) => image.isOptional).flatMap(
  ({ upstream, homeMade }) => [upstream, homeMade],
);

export type ImageSource = "upstream" | "home-made";

/** Read by environments/images.ts: written once, so that no plan changes with the network of the day. */
const decision = join(project, "environments", "image-source.json");

/** The project's own on an engine of this machine; the optional ones where they are named. */
export async function ensureImages(
  progress: Progress,
  docker = new Docker(),
  isNamed: (reference: string) => boolean = () => false,
): Promise<string> {
  const source = await decideSource(docker, progress);
  const made: string[] = [];
  for (const image of IMAGES.filter((one) => !one.isOptional || isNamed(one.upstream) || isNamed(one.homeMade))) {
    const isNew =
      source === "upstream" ? await pull(docker, image.upstream, progress) : await build(docker, image, progress);
    if (isNew) {
      made.push(source === "upstream" ? image.upstream : image.homeMade);
    }
  }
  const verb = source === "upstream" ? "pulled" : "built";
  return made.length > 0 ? `${made.join(", ")} ${verb}` : `${source} images are here`;
}

/** What the environment needs and no more, on the engine that it names. */
export async function ensureImagesOn(
  docker: Docker,
  references: readonly string[],
  progress: Progress,
): Promise<string> {
  const made: string[] = [];
  for (const reference of references) {
    const own = IMAGES.find(({ homeMade }) => homeMade === reference);
    if (own ? await copyOrBuild(docker, own, progress) : await pullOrCopy(docker, reference, progress)) {
      made.push(reference);
    }
  }
  return made.length > 0 ? `${made.join(", ")} are at ${docker.engine} now` : `all are at ${docker.engine}`;
}

async function copyOrBuild(docker: Docker, image: Image, progress: Progress): Promise<boolean> {
  const hash = recipeHash(image.recipe);
  if ((await recipeOf(docker, image)) === hash) {
    return false;
  }
  const [there, here] = [await platformOf(docker), goArchitecture()];
  if (there !== here) {
    throw new ExpectedFailure(
      `${image.homeMade} is made on this machine for ${here}, and ${docker.engine} runs on ${there}. Fix: give the environment images that it can pull`,
    );
  }
  const local = new Docker();
  if ((await recipeOf(local, image)) === hash) {
    progress(`copying ${image.homeMade} to ${docker.engine}`);
    await docker.copyImage(image.homeMade, local);
    return true;
  }
  return build(docker, image, progress);
}

async function pullOrCopy(docker: Docker, reference: string, progress: Progress): Promise<boolean> {
  if ((await docker.attempt(["image", "inspect", reference])).exitCode === 0) {
    return false;
  }
  progress(`pulling ${reference} at ${docker.engine}`);
  const { exitCode, output } = await docker.attempt(["pull", "--quiet", reference]);
  if (exitCode === 0) {
    return true;
  }
  const local = new Docker();
  if ((await local.attempt(["image", "inspect", reference])).exitCode !== 0) {
    const byHand = `docker save ${reference} | ${docker.commandLine(["load"])}`;
    throw new ExpectedFailure(
      `${docker.engine} has no image ${reference} and cannot pull it: ${lastLines(output, 1)}. Fix: on a machine that has it: ${byHand}`,
    );
  }
  progress(`copying ${reference} to ${docker.engine}, which cannot pull it`);
  await docker.copyImage(reference, local);
  return true;
}

async function platformOf(docker: Docker): Promise<string> {
  return (await docker.run(["version", "--format", "{{.Server.Arch}}"])).trim();
}

/** One that is on this machine, for trying the registry. */
export function imageToTry(): string {
  const image = IMAGES[2];
  return existsSync(decision) && readDecision() === "home-made" ? image.homeMade : image.upstream;
}

const readDecision = (): ImageSource => JSON.parse(readFileSync(decision, "utf8")).source;

export async function decideSource(docker: Docker, progress: Progress): Promise<ImageSource> {
  if (existsSync(decision)) {
    return readDecision();
  }
  progress(`asking for ${IMAGES[0].upstream}, to see whether an image registry answers`);
  const { exitCode } = await docker.attempt(["pull", "--quiet", IMAGES[0].upstream], { timeoutSeconds: 120 });
  const source: ImageSource = exitCode === 0 ? "upstream" : "home-made";
  writeFileSync(decision, `${JSON.stringify({ source })}\n`);
  progress(`images are ${source} from now on; environments/image-source.json says so`);
  return source;
}

async function pull(docker: Docker, reference: string, progress: Progress): Promise<boolean> {
  if ((await docker.attempt(["image", "inspect", reference])).exitCode === 0) {
    return false;
  }
  progress(`pulling ${reference}`);
  await docker.run(["pull", "--quiet", reference]);
  return true;
}

/** The hash of the recipe that it was made from; not set where the engine does not have it. */
async function recipeOf(docker: Docker, { homeMade }: Image): Promise<string | undefined> {
  const label = `{{index .Config.Labels "${RECIPE_LABEL}"}}`;
  const { exitCode, stdout } = await docker.attempt(["image", "inspect", "--format", label, homeMade]);
  return exitCode === 0 ? stdout.trim() : undefined;
}

async function build(docker: Docker, image: Image, progress: Progress): Promise<boolean> {
  const { homeMade, recipe } = image;
  const hash = recipeHash(recipe);
  if ((await recipeOf(docker, image)) === hash) {
    return false;
  }
  const started = Date.now();
  progress(`building ${homeMade}: no image registry answers`);
  const context = mkdtempSync(join(tmpdir(), "image-"));
  try {
    await makeContext(recipe, context);
    await docker.run(["build", "--quiet", "--label", `${RECIPE_LABEL}=${hash}`, "--tag", homeMade, context]);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
  progress(`${homeMade} took ${elapsed(started)}`);
  return true;
}

/** What the recipe's Dockerfile adds: the root file system and, for a recipe with a Go module, its program. */
async function makeContext(recipe: string, context: string): Promise<void> {
  if (!(await isInstalled("mmdebstrap"))) {
    await aptInstall(["mmdebstrap", "debian-archive-keyring"], "to make images where no image registry answers");
  }
  const directory = join(recipes, recipe);
  const sources = await debianSources(DEBIAN);
  await run(join(recipes, "rootfs.sh"), [DEBIAN, join(context, "rootfs.tar"), packages(directory).join(), ...sources]);
  if (existsSync(join(directory, "go.mod"))) {
    const variables = { "github.com/distribution/distribution/v3/version.version": "v3.1.2" };
    const main = "github.com/distribution/distribution/v3/cmd/registry";
    await goBuild({ directory, package: main, variables }, join(context, "registry"));
  }
  copyFileSync(join(directory, "Dockerfile"), join(context, "Dockerfile"));
}

function packages(directory: string): string[] {
  const list = join(directory, "packages");
  return existsSync(list) ? readFileSync(list, "utf8").split("\n").filter(Boolean) : [];
}

/** Of every file that decides what is in the image: a changed recipe is built again, an unchanged one is left alone. */
export function recipeHash(recipe: string): string {
  const hash = createHash("sha256");
  for (const directory of [recipes, join(recipes, recipe)]) {
    const files = readdirSync(directory, { withFileTypes: true }).filter(
      (entry) => entry.isFile() && !entry.name.endsWith(".md"),
    );
    for (const name of files.map((entry) => entry.name).sort()) {
      hash.update(`${name}\0`).update(readFileSync(join(directory, name)));
    }
  }
  return hash.digest("hex");
}
