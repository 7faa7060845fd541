import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { mirrored } from "../../testing/checks/mirrored";
import { Crane } from "../../testing/clients/clients";
import { digestsBelow, TestImage } from "../../testing/clients/images";
import { addEnvironments, copyCheckout } from "../../testing/machine/checkout";
import { objectsOf, removeObjects } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePorts } from "../../testing/machine/ports";
import { removeDirectory, runName, scratchDirectory } from "../../testing/machine/scratch";

describe("an environment that mirrors another one", () => {
  const run = runName("chain");
  const origin = `${run}-origin`;
  const mirror = `${run}-mirror`;
  let checkout: string;
  let image: TestImage;
  let host: Record<string, string>;

  const npm = async (...args: string[]) => {
    const { stdout } = await execa("npm", args, { cwd: checkout, env: { CHECKPOINT_DISABLE: "1" } });
    return stdout;
  };
  const objects = () => objectsOf((name) => name.startsWith(run));
  /** Logged in with the password that the environment made. */
  const client = async (environment: string, user: string) => {
    const crane = new Crane(path.join(checkout, environment), {
      ca: path.join(checkout, "client-trust", environment, "ca.crt"),
    });
    const password = await npm("run", "--silent", "password", "--", environment, user);
    await crane.login(host[environment], { user, password });
    return crane;
  };

  beforeAll(async () => {
    checkout = scratchDirectory(run);
    await copyCheckout(checkout);
    const [port, mirrorPort] = await freePorts(2);
    host = { [origin]: `localhost:${port}`, [mirror]: `localhost:${mirrorPort}` };
    addEnvironments(checkout, { upstream: origin, mirrored: mirror }, [
      'import { Access, HtpasswdUser, PublicEndpoint } from "../lib";',
      'import { AuthenticatedRegistryStack, MirrorRegistryStack } from "../stacks";',
      'import { deployedUpstream } from "./deployed-upstream";',
      'import { environment } from "./environment";',
      'import { images } from "./images";',
      "export const upstream = environment(AuthenticatedRegistryStack, {",
      `  endpoint: PublicEndpoint.https({ host: "localhost", port: ${port} }),`,
      `  alternativeNames: ["${origin}-proxy"],`,
      '  users: [HtpasswdUser.generated("dev", { access: Access.PUSH }), HtpasswdUser.generated("reader")],',
      "  images,",
      "  protectData: false,",
      "});",
      "export const mirrored = environment(MirrorRegistryStack, {",
      `  endpoint: PublicEndpoint.https({ host: "localhost", port: ${mirrorPort} }),`,
      `  upstream: deployedUpstream("${origin}", "reader"),`,
      '  readers: ["reader"],',
      "  images,",
      "  protectData: false,",
      "});",
    ]);
    image = await TestImage.create(path.join(checkout, "image"), { layers: [100000, 200000] });
  });
  afterAll(async () => {
    await removeObjects(await objects());
    removeDirectory(checkout);
  });

  it("is refused at once while the other one is not deployed, with what to do", async () => {
    const { exitCode, stderr } = await execa("npm", ["start", "--", mirror], {
      cwd: checkout,
      env: { CHECKPOINT_DISABLE: "1" },
      reject: false,
    });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(
        `^error: The upstream "${origin}" is not deployed here.* Fix: npm start -- ${origin}`,
      ),
    });
    expect(
      (await objects()).filter(({ kind, name }) => kind === "container" && /-(proxy|registry)$/.test(name)),
    ).toEqual([]);
  });

  it("is deployed after the other one, and says to pull from it, not to push", async () => {
    expect(await npm("start", "--", origin)).toContain(`docker push ${host[origin]}/`);
    const words = await npm("start", "--", mirror);
    expect(words).toContain(`docker pull ${host[mirror]}/`);
    expect(words).not.toContain("docker push");
  });

  it("knows one password of the other one's, and no other", async () => {
    const password = (user: string) => npm("run", "--silent", "password", "--", origin, user);
    const state = fs.readFileSync(path.join(checkout, "state", `${mirror}.tfstate`), "utf8");
    expect(state).toContain((await password("reader")).trim());
    expect(state).not.toContain((await password("dev")).trim());
  });

  it("has nothing to change after its deploy", async () => {
    for (const environment of [origin, mirror]) {
      expect(await npm("start", "--", environment)).toContain("no changes");
    }
  });

  it("gives what the other one has, also while that is stopped", async () => {
    const developer = await client(origin, "dev");
    await developer.push(image.directory, `${host[origin]}/team/app:1`);
    const reader = await client(mirror, "reader");
    const pull = async (folder: string) => {
      await reader.pull(`${host[mirror]}/team/app:1`, path.join(checkout, folder));
      return digestsBelow(path.join(checkout, folder));
    };
    const first = await pull("first");
    expect([...first]).toEqual(expect.arrayContaining(image.blobs.map(({ digest }) => digest)));
    await eventually(async () => expect(await mirrored(`${mirror}-registry`)).toBe(image.blobs.length), 10000);
    await execa("docker", ["stop", `${origin}-proxy`]);
    expect(await pull("second")).toEqual(first);
    await execa("docker", ["start", `${origin}-proxy`]);
  });

  it("keeps the other one from being removed under it", async () => {
    const before = await objects();
    const { exitCode, stderr } = await execa("npm", ["stop", "--", origin], { cwd: checkout, reject: false });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringMatching(`^error: ${mirror}-registry uses a network of ${origin}: nothing was removed`),
    });
    expect(await objects()).toEqual(before);
  });

  it("is removed without a trace, and the other one after it", async () => {
    await npm("stop", "--", mirror);
    await npm("stop", "--", origin);
    expect(await objects()).toEqual([]);
  });
});
