import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aptInstall, debianSources } from "../../bootstrap/apt";
import { attempt, isInstalled, run } from "../../bootstrap/command";
import { goBuild } from "../../bootstrap/go";
import { repository } from "../machine/checkout";

const RECIPE_LABEL = "cdktf-docker-registry.recipe";
const folder = join(repository, "testing", "stand-in-images");

/** How the root file system of a stand-in comes to be; one on another image needs none. */
interface Recipe {
  readonly name: string;
  /** Whose shell and tools it has. */
  readonly userland: "busybox" | "debian";
  readonly release: string;
  readonly packages: string[];
  /** Another stand-in that it is made of, instead. */
  readonly base?: string;
}

const RECIPES: readonly Recipe[] = [
  { name: "registry-v3", userland: "busybox", release: "trixie", packages: [] },
  { name: "registry-v2", userland: "busybox", release: "trixie", packages: ["docker-registry"] },
  {
    name: "nginx-openssl-3.0",
    userland: "debian",
    release: "bookworm",
    packages: ["nginx", "curl", "libnginx-mod-http-js"],
  },
  { name: "nginx-busybox", userland: "busybox", release: "trixie", packages: ["nginx", "curl"] },
  { name: "nginx-busybox-slim", userland: "busybox", release: "trixie", packages: [], base: "nginx-busybox" },
  { name: "restic", userland: "busybox", release: "trixie", packages: ["restic", "openssh-client"] },
  { name: "redis", userland: "debian", release: "trixie", packages: ["redis-server", "redis-tools"] },
];

/** The name of a stand-in on the engine; never one of an upstream image. */
export const standIn = (name: string): string => `cdktf-docker-registry/stand-in-${name}:1`;

/** Builds the stand-ins that are missing or whose recipe has changed, one after the other: each keeps a core busy. */
export async function buildStandIns(): Promise<void> {
  for (const recipe of RECIPES) {
    const hash = recipeHash(recipe);
    const format = ["--format", `{{index .Config.Labels "${RECIPE_LABEL}"}}`];
    const { exitCode, stdout } = await attempt("docker", ["image", "inspect", ...format, standIn(recipe.name)]);
    if (exitCode !== 0 || stdout.trim() !== hash) {
      await build(recipe, hash);
    }
  }
}

async function build(recipe: Recipe, hash: string): Promise<void> {
  const context = mkdtempSync(join(tmpdir(), "stand-in-"));
  try {
    cpSync(join(folder, recipe.name), context, { recursive: true });
    if (!recipe.base) {
      await makeRoot(recipe, join(context, "rootfs.tar"));
    }
    if (recipe.name === "registry-v3") {
      const directory = join(repository, "images", "registry-v3");
      const main = "github.com/distribution/distribution/v3/cmd/registry";
      const variables = { "github.com/distribution/distribution/v3/version.version": "v3.1.2" };
      await goBuild({ directory, package: main, variables }, join(context, "registry"));
    }
    const base = recipe.base ? ["--build-arg", `base=${standIn(recipe.base)}`] : [];
    const label = ["--label", `${RECIPE_LABEL}=${hash}`];
    await run("docker", ["build", "--quiet", ...label, ...base, "--tag", standIn(recipe.name), context]);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

const rootScript = ({ userland }: Recipe): string =>
  userland === "debian" ? join(folder, "debian-rootfs.sh") : join(repository, "images", "rootfs.sh");

async function makeRoot(recipe: Recipe, output: string): Promise<void> {
  const { release, packages } = recipe;
  if (!(await isInstalled("mmdebstrap"))) {
    await aptInstall(["mmdebstrap", "debian-archive-keyring"], "to make the images of the tests");
  }
  const list = packages.length > 0 ? packages.join() : "netbase";
  await run(rootScript(recipe), [release, output, list, ...(await debianSources(release))]);
}

/** Of every file that decides what is in the image. */
function recipeHash(recipe: Recipe): string {
  const own = join(folder, recipe.name);
  const files = [rootScript(recipe), ...readdirSync(own).map((name) => join(own, name))].sort();
  const hash = createHash("sha256").update(JSON.stringify(recipe));
  if (recipe.base) {
    hash.update(recipeHash(RECIPES.find(({ name }) => name === recipe.base) ?? recipe));
  }
  for (const file of files) {
    hash.update(readFileSync(file));
  }
  return hash.digest("hex");
}
