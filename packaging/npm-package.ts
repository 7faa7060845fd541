import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { run } from "../bootstrap/command";
import { project } from "../bootstrap/project";

/** What `npm publish` would publish, after a build from nothing. Returns the tarball. */
export async function packNpm(destination: string, source = project): Promise<string> {
  mkdirSync(destination, { recursive: true });
  const printed = await run("npm", ["pack", "--silent", "--pack-destination", destination], { cwd: source });
  return join(destination, basename(printed.trim().split("\n").at(-1) ?? ""));
}

/** The package of review/, made in a copy of it: two at once would write into one folder. */
export async function packReview(destination: string): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), "review-"));
  try {
    cpSync(join(project, "review"), join(scratch, "review"), { recursive: true });
    copyFileSync(join(project, "tsconfig.json"), join(scratch, "tsconfig.json"));
    symlinkSync(join(project, "node_modules"), join(scratch, "node_modules"));
    return await packNpm(destination, join(scratch, "review"));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Calls `use` with the package as users get it, in a folder from where its imports find this project's node_modules. */
export async function withUnpacked<T>(tarball: string, use: (folder: string) => Promise<T>): Promise<T> {
  const scratch = mkdtempSync(join(tmpdir(), "unpacked-"));
  try {
    await run("tar", ["-xzf", tarball, "-C", scratch]);
    symlinkSync(join(project, "node_modules"), join(scratch, "node_modules"));
    return await use(join(scratch, "package"));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
