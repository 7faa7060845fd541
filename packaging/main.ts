import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { conclude, ExpectedFailure } from "../bootstrap/failure";
import { project } from "../bootstrap/project";
import { step } from "../bootstrap/step";
import { buildWheel, generate } from "./bindings";
import { cdktnProject } from "./cdktn";
import { goModules, mavenRepository } from "./compiled";
import { checkNpmPackage } from "./gates";
import { packNpm, withUnpacked } from "./npm-package";
import { zipTemplate } from "./template";

const OUT = join(project, "packages");

/** What is made of the npm package, in a folder and as it is published, by the name to ask for it. */
const MADE: { readonly [name: string]: (folder: string, tarball: string) => Promise<string> } = {
  python: async (folder) => buildWheel(await generate("python", folder, OUT), OUT),
  java: (folder) => mavenRepository(folder, OUT),
  go: (folder) => goModules(folder, OUT),
  dotnet: (folder) => generate("dotnet", folder, OUT),
  cdktn: packCdktn,
  template: (_, tarball) => zipTemplate(tarball, OUT),
};

const EXPLAINED: { readonly [name: string]: string } = {
  cdktn: "the same for CDK Terrain",
  template: "a project to begin with, for cdktf init",
};

/** The npm package for CDK Terrain, compiled anew: its bindings are others. */
async function packCdktn(): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), "cdktn-"));
  try {
    await cdktnProject(scratch);
    const tarball = await packNpm(OUT, scratch);
    await checkNpmPackage(tarball);
    return tarball;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** `npm run package [-- python cdktn …]`: the npm package, and what other languages install, below packages/. */
async function main(): Promise<void> {
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(MADE);
  const unknown = wanted.filter((name) => !(name in MADE));
  if (unknown.length > 0) {
    throw new ExpectedFailure(`"${unknown[0]}" is not made here; known are: ${Object.keys(MADE).join(", ")}`);
  }
  rmSync(OUT, { recursive: true, force: true });
  let tarball = "";
  await step("npm", "what TypeScript and JavaScript install, and what all others contain", async () => {
    tarball = await packNpm(OUT);
    await checkNpmPackage(tarball);
    return relative(project, tarball);
  });
  await withUnpacked(tarball, async (folder) => {
    for (const name of wanted) {
      await step(name, EXPLAINED[name] ?? "made by jsii of the npm package", async () =>
        relative(project, await MADE[name](folder, tarball)),
      );
    }
  });
}

conclude(main);
