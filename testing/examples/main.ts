import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import execa from "execa";
import { attempt, run } from "../../bootstrap/command";
import { conclude } from "../../bootstrap/failure";
import { project } from "../../bootstrap/project";
import { images } from "../../environments/images";
import { ContainerImage, RegistryImage } from "../../lib";
import { buildWheel, generate } from "../../packaging/bindings";
import { packNpm, withUnpacked } from "../../packaging/npm-package";
import { objectsOf, removeObjects } from "../machine/engine-objects";
import { freePorts } from "../machine/ports";
import { ExampleClient } from "./client";
import { standInOf } from "./stand-ins";
import { tryTemplate } from "./template";

const EXAMPLES = [
  ...["typescript", "own-ca", "existing-certificate", "two-registries", "rights", "mirror", "s3", "python"],
  "template",
];

/** What the programs call images by their default names, where only images of this machine are there. */
const NAMES: readonly (readonly [string, string])[] = [
  [RegistryImage.V3.reference, images.registry.reference],
  [ContainerImage.NGINX.reference, images.nginx.reference],
  [ContainerImage.REDIS.reference, images.redis.reference],
];

/** The blocks of commands of a README, as somebody pastes them. */
function commands(readme: string): string {
  const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block);
  return blocks.join("").replace(/ apply$/gm, " apply -auto-approve");
}

/** Names and ports of its own, so that nothing else on the engine is in the way; data that may go. */
async function adapted(source: string, id: string): Promise<string> {
  const [first, second] = await freePorts(2);
  const ofOwn = source
    .replace(/"registry"\)/, `"${id}")`)
    .replace("5443", String(first))
    .replace("5444", String(second));
  if (source.includes("protectData: false")) {
    return ofOwn;
  }
  return ofOwn
    .replace(/^( +)(endpoint,|endpoint: Pub.*)$/gm, "$1$2\n$1protectData: false,")
    .replace(/^( +)(endpoint=.*)$/gm, "$1$2\n$1protect_data=False,");
}

/** `npm run test:examples [-- rights …]`: each example from an empty folder by its own commands; prints what it took. */
async function main(): Promise<void> {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "examples-"));
  const tagged: string[] = [];
  try {
    const tarball = await packNpm(scratch);
    const wheel = await withUnpacked(tarball, async (folder) =>
      buildWheel(await generate("python", folder, path.join(scratch, "generated")), scratch),
    );
    for (const [name, image] of NAMES) {
      if (name !== image && (await attempt("docker", ["image", "inspect", name])).exitCode !== 0) {
        await run("docker", ["tag", image, name]);
        tagged.push(name);
      }
    }
    console.log("| example | lines | seconds to the registry | containers |\n|---|---|---|---|");
    const chosen = process.argv.slice(2);
    for (const example of chosen.length > 0 ? chosen : EXAMPLES) {
      if (example === "template") {
        console.log(await tryTemplate(scratch, tarball));
        continue;
      }
      await tryOut(example, path.join(scratch, example), example === "python" ? wheel : tarball);
    }
  } finally {
    for (const name of tagged) {
      await run("docker", ["image", "rm", name]);
    }
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

async function tryOut(example: string, folder: string, made: string): Promise<void> {
  const id = `t-example-${example.replace(/[^a-z]/g, "")}-${process.pid}`;
  const from = path.join(project, "examples", example);
  const program = example === "python" ? "main.py" : "main.ts";
  const source = fs.readFileSync(path.join(from, program), "utf8");
  fs.mkdirSync(folder);
  fs.copyFileSync(made, path.join(folder, path.basename(made)));
  const readme = fs.readFileSync(path.join(from, "README.md"), "utf8");
  const script = commands(readme).replaceAll("stacks/registry", `stacks/${id}`);
  try {
    const standIn = await standInOf(example, `${id}-outside`, folder);
    const own = await adapted(source, id);
    fs.writeFileSync(path.join(folder, program), standIn?.adapt(own) ?? own);
    const started = Date.now();
    const typed = standIn?.typed ?? {};
    const input = Object.values(typed).map((line) => `${line}\n`);
    const env = { CHECKPOINT_DISABLE: "1" };
    await execa("bash", ["-ec", script], { cwd: folder, all: true, env, input: input.join("") });
    const seconds = ((Date.now() - started) / 1000).toFixed(0);
    const stack = path.join(folder, "cdktf.out", "stacks", id);
    for (const client of await ExampleClient.ofAll(stack, folder)) {
      await (standIn ? standIn.check(client) : client.pushAndPull());
    }
    const deployed = (name: string) => name.startsWith(id) && name !== `${id}-outside`;
    const containers = (await objectsOf(deployed)).filter(({ kind }) => kind === "container");
    console.log(`| ${example} | ${source.trim().split("\n").length} | ${seconds} | ${containers.length} |`);
    const destroy = [`-chdir=cdktf.out/stacks/${id}`, "destroy", "-auto-approve"];
    await execa("terraform", destroy, { cwd: folder, env: typed });
  } finally {
    await removeObjects(await objectsOf((name) => name.startsWith(id)));
  }
}

conclude(main);
