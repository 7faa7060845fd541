import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import execa from "execa";
import { conclude, ExpectedFailure } from "../../bootstrap/failure";
import { project } from "../../bootstrap/project";
import { step } from "../../bootstrap/step";
import { goModules, mavenRepository, useGoModules } from "../../packaging/compiled";
import { packNpm, withUnpacked } from "../../packaging/npm-package";

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "languages-"));

/** A copy of an example, in which `command` leaves its synth. Returns that. */
async function synth(example: string, command: string[], prepare = async (_: string) => {}): Promise<string> {
  const folder = path.join(scratch, example);
  fs.cpSync(path.join(project, "examples", example), folder, { recursive: true });
  await prepare(folder);
  await execa(command[0], command.slice(1), { cwd: folder });
  const file = path.join(folder, "cdktf.out", "stacks", "registry", "cdk.tf.json");
  return fs.readFileSync(file, "utf8").replace(`${folder}/`, "");
}

/** `npm run test:packages`: the examples in Java and Go, compiled and run, write what TypeScript writes. */
async function main(): Promise<void> {
  try {
    const tarball = await packNpm(scratch);
    let expected = "";
    const compare = async (synthesised: Promise<string>) => {
      if ((await synthesised) !== expected) {
        throw new ExpectedFailure("its synth differs from TypeScript's");
      }
      return "the same synth as TypeScript's, byte for byte";
    };
    await step("TypeScript", "what the others are compared with", async () => {
      const link = (folder: string) =>
        fs.promises.symlink(path.join(scratch, "node_modules"), `${folder}/node_modules`);
      await execa("npm", ["install", "--no-audit", "--no-fund", "--prefix", scratch, tarball, "tsx"]);
      expected = await synth("typescript", ["npx", "tsx", "main.ts"], link);
      return `${expected.split("\n").length} lines`;
    });
    await withUnpacked(tarball, async (folder) => {
      await step("Java", "compiled by Maven", async () => {
        await mavenRepository(folder, scratch);
        const exec = "org.codehaus.mojo:exec-maven-plugin:3.5.0:java";
        return compare(synth("java", ["mvn", "--quiet", "--batch-mode", "compile", exec]));
      });
      await step("Go", "compiled by go run", async () => {
        const modules = await goModules(folder, scratch);
        const prepare = async (example: string) => {
          await execa("go", ["mod", "init", "example.com/registry"], { cwd: example });
          await useGoModules(example, modules);
          await execa("go", ["mod", "tidy"], { cwd: example });
        };
        return compare(synth("go", ["go", "run", "."], prepare));
      });
    });
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

conclude(main);
