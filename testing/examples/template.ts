import fs from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import execa from "execa";
import { project } from "../../bootstrap/project";
import { zipTemplate } from "../../packaging/template";
import { objectsOf, removeObjects } from "../machine/engine-objects";
import { freePort } from "../machine/ports";
import { ExampleClient } from "./client";

/**
 * The template by the commands of its README, from an empty folder to a registry that is pushed to, pulled from and removed.
 *
 * @returns the row of the table
 */
export async function tryTemplate(scratch: string, tarball: string): Promise<string> {
  const id = `t-example-template-${process.pid}`;
  const folder = path.join(scratch, "template");
  fs.mkdirSync(folder);
  const run = (command: string, args: string[], options: execa.Options = {}) =>
    execa(command, args, { cwd: folder, all: true, env: { CHECKPOINT_DISABLE: "1" }, ...options });
  const zip = await zipTemplate(tarball, scratch);
  const server = createServer((_, answer) => fs.createReadStream(zip).pipe(answer));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/registry.zip`;
  try {
    const started = Date.now();
    const init = ["init", `--template=${url}`, "--project-name=infrastructure", "--project-description=Registries"];
    await run(path.join(project, "node_modules", ".bin", "cdktf"), [
      ...init,
      "--local",
      "--enable-crash-reporting=false",
    ]);
    await run("npm", ["test"]);
    await rename(folder, id);
    const review = await run("npm", ["run", "review", "--", id, "--json", "review.json"], { reject: false });
    if (review.exitCode !== 2) {
      throw new Error(`the review of the template ended with ${review.exitCode}:\n${review.all}`);
    }
    const [{ fingerprint }] = JSON.parse(fs.readFileSync(path.join(folder, "review.json"), "utf8")).environments;
    await run("npm", ["run", "deploy", "--", id, "--reviewed", fingerprint]);
    const seconds = ((Date.now() - started) / 1000).toFixed(0);
    const containers = (await objectsOf((name) => name.startsWith(id))).filter(({ kind }) => kind === "container");
    const stack = path.join(folder, "cdktf.out", "stacks", id);
    const [client] = await ExampleClient.ofAll(stack, path.join(scratch, "template-client"));
    await client.pushAndPull();
    await run("terraform", ["destroy", "-auto-approve"], { cwd: stack });
    const left = await objectsOf((name) => name.startsWith(id));
    if (left.length > 0) {
      throw new Error(`the template's registry left ${left.map(({ name }) => name).join(", ")}`);
    }
    return `| template | ${linesOf(path.join(project, "templates", "typescript"))} | ${seconds} | ${containers.length} |`;
  } finally {
    server.close();
    await removeObjects(await objectsOf((name) => name.startsWith(id)));
  }
}

/** The environment of this machine, with a name and a port of its own. */
async function rename(folder: string, id: string): Promise<void> {
  const edit = (file: string, from: string, to: string) => {
    const text = fs.readFileSync(path.join(folder, "environments", file), "utf8");
    fs.writeFileSync(path.join(folder, "environments", file), text.replace(from, to));
  };
  edit("index.ts", "{ local, ", `{ "${id}": local, `);
  edit("local.ts", "5443", String(await freePort()));
}

/** Of TypeScript that a team goes on with. */
function linesOf(folder: string): number {
  const files = fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return files.flatMap((file) => fs.readFileSync(path.join(folder, file), "utf8").trim().split("\n")).length;
}
