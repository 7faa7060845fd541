import path from "node:path";
import execa from "execa";
import { images } from "../../environments/images";
import { Crane } from "../../testing/clients/clients";
import { digestsBelow, MiB, TestImage } from "../../testing/clients/images";
import { Deployment } from "../../testing/machine/deployment";
import { inspect, processOf } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePort } from "../../testing/machine/ports";
import { removeDirectory } from "../../testing/machine/scratch";
import { httpRegistry } from "../../testing/stacks/adjusted-registry";

/** As the kernel does when memory runs out; from a container, so that it needs no root here and works on a remote engine. */
async function killProcess(pid: number): Promise<void> {
  const image = images.nginx.reference;
  await execa("docker", [
    "run",
    "--rm",
    "--pid=host",
    "--network=none",
    "--entrypoint=sh",
    image,
    "-c",
    `kill -9 ${pid}`,
  ]);
}

describe("a registry whose containers die", () => {
  let host: string;
  let deployment: Deployment;
  let image: TestImage;
  let crane: Crane;

  const expectData = async () => {
    const pulled = path.join(deployment.directory, "pulled");
    await crane.pull(`${host}/team/app:1`, pulled);
    const digests = await digestsBelow(pulled);
    removeDirectory(pulled);
    expect(image.blobs.filter(({ digest }) => !digests.has(digest))).toEqual([]);
  };

  const expectHealthy = async (name: string) => {
    expect((await inspect(`${deployment.id}-${name}`)).State.Health.Status).toBe("healthy");
  };

  beforeAll(async () => {
    const port = await freePort();
    host = `localhost:${port}`;
    deployment = Deployment.of("killed", httpRegistry(port));
    await deployment.apply();
    crane = new Crane(deployment.directory);
    image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [8 * MiB, MiB] });
    await crane.push(image.directory, `${host}/team/app:1`);
  });
  afterAll(() => deployment?.cleanUp());

  // The engine takes `docker kill` for a decision of its user and lets the container lie.
  it.each(["registry", "proxy"])("is whole again after `docker kill` of the %s and a deploy", async (name) => {
    await execa("docker", ["kill", `${deployment.id}-${name}`]);
    expect((await inspect(`${deployment.id}-${name}`)).State.Running).toBe(false);
    await deployment.apply();
    // Terraform starts it again, and does not wait as it does for a new one.
    await eventually(() => expectHealthy(name), 20000);
    await expectData();
    expect(await deployment.planIsEmpty()).toBe(true);
  });

  it.each(["registry", "proxy"])("is whole again by itself after the %s's process was killed", async (name) => {
    const container = `${deployment.id}-${name}`;
    const before = await processOf(container);
    await killProcess((await inspect(container)).State.Pid);
    await eventually(async () => {
      const now = await processOf(container);
      expect(now.id).toBe(before.id);
      expect(now.startedAt).not.toBe(before.startedAt);
      await expectData();
    }, 20000);
    await eventually(() => expectHealthy(name), 20000);
    expect(await deployment.planIsEmpty()).toBe(true);
  });
});
