import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { images } from "../../environments/images";
import { Crane } from "../../testing/clients/clients";
import { request } from "../../testing/clients/http";
import { digestsBelow, TestImage } from "../../testing/clients/images";
import { addEnvironments, copyCheckout } from "../../testing/machine/checkout";
import { inspect, objectsOf, removeObjects } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePort, freePorts } from "../../testing/machine/ports";
import { killTree } from "../../testing/machine/processes";
import { removeDirectory, runName, scratchDirectory } from "../../testing/machine/scratch";

describe("the two commands", () => {
  const environment = runName("cli");
  const neverStarted = `${environment}-cdktf`;
  let checkout: string;
  let port: number;
  let secondPort: number;

  const run = (command: string, args: string[], env: Record<string, string> = {}) =>
    execa(command, args, { cwd: checkout, env: { CHECKPOINT_DISABLE: "1", ...env }, all: true, reject: false });
  /** Cut off at some moment after the first container or network is there. */
  const killed = async (deploy: execa.ExecaChildProcess, name: string) => {
    const there = async () => {
      const found = await objectsOf((one) => one.startsWith(name));
      expect(found.filter(({ kind }) => kind !== "volume")).not.toEqual([]);
    };
    await eventually(there, 120000);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 4000));
    killTree(deploy.pid as number);
    await deploy;
    return objectsOf((one) => one.startsWith(name));
  };
  const volumes = (all: { kind: string; name: string }[]) =>
    all.filter(({ kind }) => kind === "volume").map(({ name }) => name);
  const cdktf = (command: string, name: string) => run("npx", ["cdktf", command, name, "--auto-approve"]);
  const npmStart = (...args: string[]) => run("npm", ["start", "--", ...args]);
  const npmStop = (...args: string[]) => run("npm", ["stop", "--", ...args]);
  const objects = () => objectsOf((name) => name.startsWith(environment));
  const errorLines = (output = "") => output.split("\n").filter((line) => line !== "" && !line.startsWith("npm "));

  beforeAll(async () => {
    checkout = scratchDirectory(environment);
    await copyCheckout(checkout);
    [port, secondPort] = await freePorts(2);
    const exported = (variable: string, at: number) => [
      `export const ${variable} = environment(HttpRegistryStack, {`,
      `  endpoint: PublicEndpoint.http({ host: "localhost", port: ${at} }),`,
      "  images,",
      "  protectData: false,",
      "});",
    ];
    addEnvironments(checkout, { neverStarted, mine: environment }, [
      'import { PublicEndpoint } from "../lib";',
      'import { HttpRegistryStack } from "../stacks";',
      'import { environment } from "./environment";',
      'import { images } from "./images";',
      ...exported("mine", port),
      ...exported("neverStarted", secondPort),
    ]);
  });
  afterAll(async () => {
    await removeObjects(await objects());
    removeDirectory(checkout);
  });

  it("have to come before a password can be asked for", async () => {
    const { exitCode, stdout, stderr } = await run("npm", ["run", "--silent", "password", "--", environment, "ci"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(errorLines(stderr)).toEqual([expect.stringMatching(/^error: nothing was started here yet: run npm start/)]);
  });

  it("are not needed for cdktf's own ones, on a machine that was made ready once", async () => {
    const { exitCode, all } = await cdktf("deploy", neverStarted);
    expect({ exitCode, all }).toMatchObject({
      exitCode: 0,
      all: expect.stringContaining(`http://localhost:${secondPort}`),
    });
    expect((await request(`http://localhost:${secondPort}/v2/`)).status).toBe(200);
    expect(await cdktf("destroy", neverStarted)).toMatchObject({ exitCode: 0 });
    expect(await objects()).toEqual([]);
  });

  it("close what cdktf writes to other accounts: its plans hold what the state holds", () => {
    expect(fs.statSync(path.join(checkout, "cdktf.out")).mode & 0o077).toBe(0);
  });

  it("start an environment whose deploy was killed, while cdktf deploys another one", async () => {
    const left = await killed(run("npm", ["start", "--", environment]), environment);
    const [started, deployed] = await Promise.all([npmStart(environment), cdktf("deploy", neverStarted)]);
    expect({ exitCode: started.exitCode, all: started.all }).toMatchObject({ exitCode: 0 });
    expect({ exitCode: deployed.exitCode, all: deployed.all }).toMatchObject({ exitCode: 0 });
    expect(volumes(await objects())).toEqual(expect.arrayContaining(volumes(left)));
    expect((await request(`http://localhost:${port}/v2/`)).status).toBe(200);
    expect((await request(`http://localhost:${secondPort}/v2/`)).status).toBe(200);
  });

  it("remove an environment whose deploy by cdktf was killed", async () => {
    expect(await npmStop(neverStarted)).toMatchObject({ exitCode: 0 });
    await killed(run("npx", ["cdktf", "deploy", neverStarted, "--auto-approve"]), neverStarted);
    const { exitCode, all } = await npmStop(neverStarted);
    expect({ exitCode, all }).toMatchObject({ exitCode: 0 });
    // A volume may be there that no state knows: it is named, and never removed.
    const left = await objectsOf((name) => name.startsWith(neverStarted));
    expect(left.filter(({ kind }) => kind !== "volume")).toEqual([]);
    expect(all).toMatch(
      new RegExp(volumes(left).length > 0 ? `docker volume rm ${neverStarted}` : "destroyed|nothing"),
    );
  });

  it("never touch what has one of their names and is not theirs, and say what to type", async () => {
    const stranger = `${neverStarted}-proxy`;
    const { stdout: id } = await execa("docker", ["create", "--name", stranger, images.nginx.reference]);
    const { exitCode, stderr } = await npmStart(neverStarted);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 });
    expect(stderr).toContain(`container ${stranger}, which the state of ${neverStarted} does not know`);
    expect(stderr).toContain(`docker container rm --force ${stranger}`);
    const stopped = await npmStop(neverStarted);
    expect(stopped).toMatchObject({
      exitCode: 0,
      all: expect.stringContaining(`docker container rm --force ${stranger}`),
    });
    expect((await inspect(stranger)).Id).toBe(id);
    await execa("docker", ["rm", stranger]);
  });

  it("start an environment and say where it is and what to type", async () => {
    const { exitCode, all } = await npmStart(environment);
    expect({ exitCode, all }).toMatchObject({ exitCode: 0 });
    expect(all).toContain(`Registry: http://localhost:${port}`);
    expect(all).toMatch(new RegExp(`docker tag \\S+ localhost:${port}/\\S+`));
    expect(all).toMatch(new RegExp(`docker push localhost:${port}/\\S+`));
    expect(all).toMatch(new RegExp(`docker pull localhost:${port}/\\S+`));
    expect((await request(`http://localhost:${port}/v2/`)).status).toBe(200);
  });

  it("change nothing that is right already, in under 40 seconds, whatever Terraform warns of", async () => {
    const warning = path.join(checkout, "terraform-with-a-warning");
    const terraform = process.env.TERRAFORM_BINARY_NAME ?? "terraform";
    fs.writeFileSync(warning, `#!/bin/sh\necho "Warning: {no} file"\nexec ${terraform} "$@"\n`, { mode: 0o755 });
    const started = Date.now();
    const { exitCode, all } = await run("npm", ["start", "--", environment], { TERRAFORM_BINARY_NAME: warning });
    expect({ exitCode, all }).toMatchObject({ exitCode: 0, all: expect.stringContaining("no changes") });
    expect(Date.now() - started).toBeLessThan(40000);
  });

  it("leave nothing to change for `cdktf deploy <environment>`", async () => {
    const { exitCode, all } = await cdktf("deploy", environment);
    expect({ exitCode, all }).toMatchObject({ exitCode: 0, all: expect.stringMatching(/No changes/) });
  });

  it("say what to do when the state was lost, and the next deploy has the images that were there", async () => {
    const crane = new Crane(checkout);
    const image = await TestImage.create(path.join(checkout, "image"), { layers: [100000] });
    await crane.push(image.directory, `localhost:${port}/team/app:1`);
    fs.rmSync(path.join(checkout, "state", `${environment}.tfstate`));
    const { exitCode, stderr } = await npmStart(environment);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`if it was lost, bring its backup back to state/${environment}.tfstate and try again`);

    const commands = stderr.split("\n").filter((line) => line.startsWith("    docker "));
    expect(commands).toHaveLength(5);
    expect(await run("sh", ["-ec", commands.join("\n")])).toMatchObject({ exitCode: 0 });
    expect(await npmStart(environment)).toMatchObject({ exitCode: 0 });
    const pulled = path.join(checkout, "pulled");
    await crane.pull(`localhost:${port}/team/app:1`, pulled);
    const digests = await digestsBelow(pulled);
    expect(image.blobs.filter(({ digest }) => !digests.has(digest))).toEqual([]);
  });

  it("keep the state in a folder that only its owner can read", () => {
    expect(fs.statSync(path.join(checkout, "state")).mode & 0o077).toBe(0);
    expect(fs.existsSync(path.join(checkout, "state", `${environment}.tfstate`))).toBe(true);
  });

  it("say in one line that the engine does not answer", async () => {
    const nowhere = { DOCKER_HOST: `tcp://127.0.0.1:${await freePort()}` };
    for (const command of ["start", "stop"]) {
      const { exitCode, stderr } = await run("npm", [command, "--", environment], nowhere);
      expect(exitCode).toBe(1);
      expect(errorLines(stderr)).toEqual([expect.stringMatching(/^error: the Docker engine of .* does not answer/)]);
    }
  });

  it("say which environments there are when the name is unknown", async () => {
    const { exitCode, stderr } = await npmStart("nonesuch");
    expect(exitCode).toBe(1);
    expect(errorLines(stderr)).toEqual([
      expect.stringMatching(new RegExp(`^error: "nonesuch" is not an environment; known are: .*\\b${environment}$`)),
    ]);
  });

  it("remove the environment without a trace", async () => {
    expect(await objects()).not.toEqual([]);
    const { exitCode, all } = await npmStop(environment);
    expect({ exitCode, all }).toMatchObject({ exitCode: 0 });
    expect(await objects()).toEqual([]);
  });

  it("remove nothing when there is nothing", async () => {
    const { exitCode, all } = await npmStop(environment);
    expect({ exitCode, all }).toMatchObject({ exitCode: 0, all: expect.stringContaining("nothing is deployed") });
  });
});
