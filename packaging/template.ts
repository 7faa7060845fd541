import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { run } from "../bootstrap/command";
import { project } from "../bootstrap/project";
import { version } from "../package.json";
import { packReview } from "./npm-package";

const ci = join(project, "examples", "ci");

/** A folder that `cdktf init` makes a project of: `templates/typescript`, the workflows, and both packages. */
export function templateFolder(out: string, tarballs: { readonly [name: string]: string }): void {
  cpSync(join(project, "templates", "typescript"), out, { recursive: true });
  const forGitHub = (path: string) => !basename(path).startsWith("gitlab-");
  cpSync(join(ci, "scripts"), join(out, "ci", "scripts"), { recursive: true, filter: forGitHub });
  for (const file of readdirSync(join(ci, "github"))) {
    const workflow = readFileSync(join(ci, "github", file), "utf8");
    writeFileSync(join(out, ".github", "workflows", file), ofTemplate(workflow));
  }
  mkdirSync(join(out, "packages"));
  const file = join(out, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  for (const [name, tarball] of Object.entries(tarballs)) {
    copyFileSync(tarball, join(out, "packages", basename(tarball)));
    manifest.dependencies[name] = `file:packages/${basename(tarball)}`;
  }
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** A registry on the machine of whoever tries things out is no business of the runner's. */
function ofTemplate(workflow: string): string {
  return workflow
    .replace(" Copy to .github/workflows/ with the scripts beside.", "")
    .replaceAll("examples/ci/scripts/review.sh reports", "ci/scripts/review.sh reports production")
    .replaceAll("examples/ci/scripts/", "ci/scripts/");
}

/** The template as `cdktf init --template <url>` takes it. */
export async function zipTemplate(tarball: string, out: string): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), "template-"));
  try {
    const review = await packReview(scratch);
    const name = `cdktf-docker-registry-template-${version}`;
    templateFolder(join(scratch, name), { "cdktf-docker-registry": tarball, "cdktf-plan-review": review });
    const zip = join(out, `${name}.zip`);
    await run("python3", ["-m", "zipfile", "-c", zip, name], { cwd: scratch });
    return zip;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
