import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { attempt, run } from "../bootstrap/command";
import { conclude, ExpectedFailure } from "../bootstrap/failure";
import { project } from "../bootstrap/project";
import { quiet } from "./reference/quiet";

const jsii = (name: string): string => join(project, "node_modules", ".bin", name);

/** The API of a commit, compiled in a checkout of it. */
async function ofCommit(ref: string, folder: string): Promise<void> {
  await run("git", ["worktree", "add", "--detach", "--quiet", folder, ref], { cwd: project });
  await compile(folder);
}

async function ofTarball(file: string, folder: string): Promise<void> {
  mkdirSync(folder);
  await run("tar", ["-xzf", resolve(file), "--strip-components=1", "-C", folder]);
  rmSync(join(folder, "node_modules"), { recursive: true, force: true });
  symlinkSync(join(project, "node_modules"), join(folder, "node_modules"));
}

/** The API as it is in this folder. */
async function ofProject(folder: string): Promise<void> {
  for (const part of ["lib", "package.json", "README.md"]) {
    cpSync(join(project, part), join(folder, part), { recursive: true });
  }
  await compile(folder);
}

async function compile(folder: string): Promise<void> {
  symlinkSync(join(project, "node_modules"), join(folder, "node_modules"));
  await run(jsii("jsii"), ["--generate-tsconfig", "tsconfig.jsii.json"], { cwd: folder, env: quiet });
}

/** `npm run api:diff -- <tarball or git ref>`: what a program that was written for it would no longer find. */
async function main(): Promise<void> {
  const [before, ...rest] = process.argv.slice(2);
  if (before === undefined || rest.length > 0) {
    throw new ExpectedFailure("npm run api:diff -- <npm package (.tgz) or git ref>");
  }
  const scratch = mkdtempSync(join(tmpdir(), "api-diff-"));
  const [old, now] = [join(scratch, "old"), join(scratch, "now")];
  try {
    await (existsSync(before) ? ofTarball(before, old) : ofCommit(before, old));
    await ofProject(now);
    const { exitCode, output } = await attempt(jsii("jsii-diff"), ["--error-on=all", "--keys", old, now], {
      env: quiet,
    });
    const nothing = `nothing: what was written for ${before} finds all that it used`;
    console.log(exitCode === 0 ? nothing : output.replaceAll(`${scratch}/`, ""));
    process.exitCode = exitCode;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    await attempt("git", ["worktree", "prune"], { cwd: project });
  }
}

conclude(main);
