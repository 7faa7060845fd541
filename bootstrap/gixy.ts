import { existsSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { aptInstall } from "./apt";
import { attempt, run } from "./command";

/** What it finds changes with its version: docs/security.md explains the findings of this one. */
export const GIXY_VERSION = "0.2.59";

/** An environment of Python's that nothing else uses, kept from one checkout to the next. */
const folder = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
  "cdktf-docker-registry",
  `gixy-${GIXY_VERSION}`,
);

/** The linter of nginx.conf. */
export const GIXY = join(folder, "bin", "gixy");

/** Only for the tests. True when it had to be installed. */
export async function ensureGixy(): Promise<boolean> {
  if (existsSync(GIXY)) {
    return false;
  }
  // Debian's Python can make no environment without this package, and says so only when it is asked to.
  if ((await attempt("python3", ["-c", "import ensurepip, venv"])).exitCode !== 0) {
    await aptInstall(["python3-venv"], "for the tests");
  }
  rmSync(folder, { recursive: true, force: true });
  await run("python3", ["-m", "venv", folder]);
  await run(join(folder, "bin", "pip"), ["install", "--quiet", `gixy-ng==${GIXY_VERSION}`]);
  return true;
}
