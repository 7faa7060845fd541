import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aptInstall, debianSources } from "./apt";
import { attempt, isInstalled, run } from "./command";
import { goBuild } from "./go";
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
}

export const IMAGES: readonly Image[] = [
  { upstream: "registry:3.1", homeMade: "cdktf-docker-registry/registry:3.1", recipe: "registry-v3" },
  { upstream: "registry:2.8", homeMade: "cdktf-docker-registry/registry:2.8", recipe: "registry-v2" },
  { upstream: "nginx:1.28", homeMade: "cdktf-docker-registry/nginx:1.26", recipe: "nginx" },
  { upstream: "redis:8.2", homeMade: "cdktf-docker-registry/redis:8.0", recipe: "redis" },
];

export type ImageSource = "upstream" | "home-made";

/** Read by environments/images.ts: written once, so that no plan changes with the network of the day. */
const decision = join(project, "environments", "image-source.json");

export async function ensureImages(progress: Progress): Promise<string> {
  const source = existsSync(decision) ? readDecision() : await decide(progress);
  const made: string[] = [];
  for (const image of IMAGES) {
    const isNew = source === "upstream" ? await pull(image, progress) : await build(image, progress);
    if (isNew) {
      made.push(source === "upstream" ? image.upstream : image.homeMade);
    }
  }
  const verb = source === "upstream" ? "pulled" : "built";
  return made.length > 0 ? `${made.join(", ")} ${verb}` : `${source} images are here`;
}

/** One that is on this machine, for trying the registry. */
export function imageToTry(): string {
  const image = IMAGES[2];
  return existsSync(decision) && readDecision() === "home-made" ? image.homeMade : image.upstream;
}

const readDecision = (): ImageSource => JSON.parse(readFileSync(decision, "utf8")).source;

async function decide(progress: Progress): Promise<ImageSource> {
  progress(`asking for ${IMAGES[0].upstream}, to see whether an image registry answers`);
  const { exitCode } = await attempt("docker", ["pull", "--quiet", IMAGES[0].upstream], { timeoutSeconds: 120 });
  const source: ImageSource = exitCode === 0 ? "upstream" : "home-made";
  writeFileSync(decision, `${JSON.stringify({ source })}\n`);
  progress(`images are ${source} from now on; environments/image-source.json says so`);
  return source;
}

async function pull({ upstream }: Image, progress: Progress): Promise<boolean> {
  if ((await attempt("docker", ["image", "inspect", upstream])).exitCode === 0) {
    return false;
  }
  progress(`pulling ${upstream}`);
  await run("docker", ["pull", "--quiet", upstream]);
  return true;
}

async function build({ homeMade, recipe }: Image, progress: Progress): Promise<boolean> {
  const hash = recipeHash(recipe);
  const label = `{{index .Config.Labels "${RECIPE_LABEL}"}}`;
  const { exitCode, stdout } = await attempt("docker", ["image", "inspect", "--format", label, homeMade]);
  if (exitCode === 0 && stdout.trim() === hash) {
    return false;
  }
  const started = Date.now();
  progress(`building ${homeMade}: no image registry answers`);
  const context = mkdtempSync(join(tmpdir(), "image-"));
  try {
    await makeContext(recipe, context);
    await run("docker", ["build", "--quiet", "--label", `${RECIPE_LABEL}=${hash}`, "--tag", homeMade, context]);
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
