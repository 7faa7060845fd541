import { existsSync } from "node:fs";
import { cp, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { EnvironmentReview } from "../model/change";
import { compareSynths } from "../model/synth-review";
import type { Words } from "../words/words";
import { stacksIn } from "./manifest";
import { inPrivateFolder } from "./private-folder";
import { runProcess } from "./process";
import { configurationIn } from "./review-stacks";

export interface Comparing {
  /** The folder of `cdktf.json`. */
  readonly project: string;
  /** What cdktf.json has as `app`: the command that synthesises. */
  readonly app: string;
  /** The folder of today's synth. */
  readonly out: string;
  /** A commit, a branch or a tag. */
  readonly ref: string;
  /** Names of stacks; all of them where there are none. */
  readonly stacks: readonly string[];
  readonly words?: readonly Words[];
  /** Files that no commit has and the synth needs, relative to the project. */
  readonly alongside?: readonly string[];
}

/** Synthesises an older commit as it was, with the packages of today, and compares. It takes no engine, no state and no secret. */
export function compareWith(comparing: Comparing): Promise<EnvironmentReview[]> {
  return inPrivateFolder(async (folder) => {
    const checkout = join(folder, "checkout");
    await checkOut(comparing, checkout);
    const out = join(folder, "cdktf.out");
    const { exitCode, stdout, stderr } = await runProcess("sh", ["-c", comparing.app], {
      cwd: checkout,
      env: { CDKTF_OUTDIR: out },
    });
    if (exitCode !== 0) {
      throw new Error(`the synth of ${comparing.ref} failed: ${`${stdout}${stderr}`.trim()}`);
    }
    const [before, after] = [stacksIn(out), stacksIn(comparing.out)];
    const all = [...new Set([...after.keys(), ...before.keys()])];
    const names = comparing.stacks.length > 0 ? comparing.stacks : all;
    return names.map((environment) =>
      compareSynths({
        environment,
        before: configurationOf(before.get(environment)),
        after: configurationOf(after.get(environment)),
        words: comparing.words,
      }),
    );
  });
}

const configurationOf = (folder: string | undefined) => (folder === undefined ? undefined : configurationIn(folder));

/** Without git's own folder: what is killed halfway leaves nothing in the repository. */
async function checkOut({ project, ref, alongside = [] }: Comparing, checkout: string): Promise<void> {
  const archive = await runProcess("git", ["archive", "--format=tar", ref, "."], { cwd: project });
  if (archive.exitCode !== 0) {
    throw new Error(
      `"${ref}" is no commit, branch or tag here: ${archive.stderr.trim()}. Fix: fetch it first, such as git fetch origin main`,
    );
  }
  await runProcess("mkdir", ["-p", checkout]);
  await runProcess("tar", ["-x"], { cwd: checkout, input: archive.stdout });
  for (const file of alongside.filter((one) => existsSync(join(project, one)))) {
    await cp(join(project, file), join(checkout, file), { recursive: true });
  }
  // Where it is no link that the commit has.
  if (existsSync(join(project, "node_modules")) && !existsSync(join(checkout, "node_modules"))) {
    await symlink(join(project, "node_modules"), join(checkout, "node_modules"));
  }
}
