import fs from "node:fs";
import path from "node:path";
import { App, LocalBackend, type TerraformStack } from "cdktf";
import execa from "execa";
import { images } from "../environments/images";
import { PublicEndpoint } from "../lib";
import { HttpRegistryStack } from "../stacks";
import { objectsOf, removeObjects } from "../testing/machine/engine-objects";
import { freePort } from "../testing/machine/ports";
import { removeDirectory, runName } from "../testing/machine/scratch";

/** Seconds that one round of deploying took, step by step. */
export interface DeployTimes {
  /** A script of docker commands, until both containers are healthy. */
  readonly dockerRun: number;
  /** The stack's Terraform code, made in this process. */
  readonly synth: number;
  readonly init: number;
  /** Terraform's apply from nothing. */
  readonly apply: number;
  readonly emptyPlan: number;
  readonly destroy: number;
}

/** The same registry deployed by a script and by Terraform. */
export async function deployOnce(directory: string, round: number): Promise<DeployTimes> {
  const id = `${runName("benchdeploy")}-${round}`;
  const folder = path.join(directory, id);
  const endpoint = PublicEndpoint.http({ host: "localhost", port: await freePort() });
  const app = new App({ outdir: folder });
  const synth = await seconds(async () => {
    const state = (stack: TerraformStack) =>
      void new LocalBackend(stack, { path: path.join(folder, "terraform.tfstate") });
    new HttpRegistryStack(app, id, { endpoint, images, protectData: false, state });
    app.synth();
  });
  const stack = path.join(folder, "stacks", id);
  const terraform = (...args: string[]) =>
    seconds(() =>
      execa(process.env.TERRAFORM_BINARY_NAME ?? "terraform", [args[0], "-input=false", ...args.slice(1)], {
        cwd: stack,
        env: { CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" },
      }),
    );
  try {
    const init = await terraform("init");
    const apply = await terraform("apply", "-auto-approve");
    const emptyPlan = await terraform("plan", "-detailed-exitcode");
    const destroy = await terraform("destroy", "-auto-approve");
    const dockerRun = await runScript(`${id}-script`, endpoint.port, stack, folder);
    return { dockerRun, synth, init, apply, emptyPlan, destroy };
  } finally {
    await removeObjects(await objectsOf((name) => name === id || name.startsWith(`${id}-`)));
    removeDirectory(folder);
  }
}

/** With the very files that the stack has rendered. */
async function runScript(prefix: string, port: number, stack: string, folder: string): Promise<number> {
  const files = path.join(folder, "files");
  fs.mkdirSync(files);
  const { resource } = JSON.parse(fs.readFileSync(path.join(stack, "cdk.tf.json"), "utf8"));
  const containers = Object.values(resource.docker_container) as { upload?: { file: string; content: string }[] }[];
  for (const { file, content } of containers.flatMap(({ upload }) => upload ?? [])) {
    const text = content.replace(/\$\{random_password[^}]*\}/g, "secret").replace(/\$\$\{/g, "${");
    fs.writeFileSync(path.join(files, path.basename(file)), text);
  }
  const script = path.join(__dirname, "hand-made", "docker-run.sh");
  return seconds(() => execa(script, [prefix, `${port}`, images.registry.reference, images.nginx.reference, files]));
}

/** Seconds of a whole process that synthesises so many environments. */
export async function synthProcess(directory: string, environments: number): Promise<number> {
  const folder = path.join(directory, `synth-${environments}`);
  const script = path.join(__dirname, "synth.ts");
  const time = await seconds(() => execa(process.execPath, ["--import", "tsx", script, folder, `${environments}`]));
  removeDirectory(folder);
  return time;
}

/** Seconds of cdktf's command line, of which the app itself is a part. */
export async function cdktfSynth(directory: string): Promise<number> {
  const folder = path.join(directory, "cdktf.out");
  const cwd = path.join(__dirname, "..");
  const env = { CHECKPOINT_DISABLE: "1" };
  const time = await seconds(() => execa("npx", ["cdktf", "synth", "--output", folder], { cwd, env }));
  removeDirectory(folder);
  return time;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}
