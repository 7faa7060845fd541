// Brings node_modules to what package-lock.json says, by `npm ci`; does nothing, at once, when it is there already.
// Plain Node: it runs before anything is installed.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const project = join(dirname(fileURLToPath(import.meta.url)), "..");
const wanted = packages(join(project, "package-lock.json"));
const installed = packages(join(project, "node_modules", ".package-lock.json"));

if (!isInstalled()) {
  console.log("==> Packages: npm ci, since node_modules is not what package-lock.json says");
  const started = Date.now();
  const { status, error } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: project, stdio: "inherit" });
  if (status !== 0) {
    console.error(`error: npm ci failed${error ? ` (${error.message})` : ""}; its last lines above say why`);
    process.exitCode = 1;
  } else {
    console.log(`    ${Math.round((Date.now() - started) / 1000)} s  packages installed`);
  }
}

function packages(lockfile) {
  return existsSync(lockfile) ? JSON.parse(readFileSync(lockfile, "utf8")).packages : undefined;
}

/** npm leaves out what is optional, such as binaries for other platforms; all else must be there and be the same. */
function isInstalled() {
  if (installed === undefined) {
    return false;
  }
  const same = (path) => wanted[path]?.version === installed[path].version;
  const present = (path) => path === "" || wanted[path].optional || wanted[path].devOptional || path in installed;
  return Object.keys(installed).every(same) && Object.keys(wanted).every(present);
}
