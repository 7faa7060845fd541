import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { addEnvironments, copyCheckout } from "../engine/checkout";
import { request } from "../engine/http";
import { objectsOf, removeObjects } from "../engine/objects";
import { freePort } from "../engine/ports";
import { removeDirectory, runName, scratchDirectory } from "../engine/scratch";

describe("the two commands", () => {
  const environment = runName("cli");
  let checkout: string;
  let port: number;

  const run = (command: string, args: string[], env: Record<string, string> = {}) =>
    execa(command, args, { cwd: checkout, env: { CHECKPOINT_DISABLE: "1", ...env }, all: true, reject: false });
  const npmStart = (...args: string[]) => run("npm", ["start", "--", ...args]);
  const npmStop = (...args: string[]) => run("npm", ["stop", "--", ...args]);
  const objects = () => objectsOf((name) => name.startsWith(environment));
  const errorLines = (output = "") => output.split("\n").filter((line) => line !== "" && !line.startsWith("npm "));

  beforeAll(async () => {
    checkout = scratchDirectory(environment);
    await copyCheckout(checkout);
    port = await freePort();
    addEnvironments(checkout, { mine: environment }, [
      'import { PublicEndpoint } from "../lib";',
      'import { HttpRegistryStack } from "../stacks";',
      'import { environment } from "./environment";',
      'import { images } from "./images";',
      "export const mine = environment(HttpRegistryStack, {",
      `  endpoint: PublicEndpoint.http({ host: "localhost", port: ${port} }),`,
      "  images,",
      "  protectData: false,",
      "});",
    ]);
  });
  afterAll(async () => {
    await removeObjects(await objects());
    removeDirectory(checkout);
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

  it("change nothing that is right already, in under 40 seconds", async () => {
    const started = Date.now();
    const { exitCode, all } = await npmStart(environment);
    expect({ exitCode, all }).toMatchObject({ exitCode: 0, all: expect.stringContaining("no changes") });
    expect(Date.now() - started).toBeLessThan(40000);
  });

  it("have prepared what `cdktf deploy <environment>` needs", async () => {
    const { exitCode, all } = await run("npx", ["cdktf", "deploy", environment, "--auto-approve"]);
    expect({ exitCode, all }).toMatchObject({ exitCode: 0, all: expect.stringMatching(/No changes/) });
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
