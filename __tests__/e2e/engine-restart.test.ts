import path from "node:path";
import { images } from "../../environments/images";
import { PublicEndpoint } from "../../lib";
import { HttpRegistryStack } from "../../stacks";
import { Crane } from "../../testing/clients/clients";
import { digestsBelow, MiB, TestImage } from "../../testing/clients/images";
import { Deployment } from "../../testing/machine/deployment";
import { eventually } from "../../testing/machine/eventually";
import { objectsOf, processOf } from "../../testing/machine/objects";
import { PrivateEngine } from "../../testing/machine/private-engine";

describe("a registry on an engine that is restarted", () => {
  const port = 5000; // in the engine's own network namespace all ports are free
  let engine: PrivateEngine;
  let deployment: Deployment;
  let crane: Crane;
  let image: TestImage;

  const processes = () =>
    Promise.all(["registry", "proxy"].map((name) => processOf(`${deployment.id}-${name}`, engine.host)));

  beforeAll(async () => {
    deployment = Deployment.of(
      "restart",
      (app, id) =>
        new HttpRegistryStack(app, id, {
          endpoint: PublicEndpoint.http({ host: "localhost", port }),
          engine: engine.host,
          images,
          protectData: false,
        }),
    );
    engine = await PrivateEngine.start(path.join(deployment.directory, "engine"));
    await engine.copyImages([images.registry.reference, images.nginx.reference]);
    await deployment.apply();
    crane = new Crane(deployment.directory, { inside: () => engine.inside });
    image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [8 * MiB, MiB] });
    await crane.push(image.directory, `localhost:${port}/team/app:1`);
  });
  afterAll(async () => {
    await engine?.stop();
    await deployment?.cleanUp();
  });

  it("answers again by itself", async () => {
    const before = await processes();
    await engine.restart();
    await eventually(() => crane.run(["catalog", `localhost:${port}`]), 30000);
    const after = await processes();
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(after.filter(({ startedAt }, i) => startedAt === before[i].startedAt)).toEqual([]);
  });

  it("still has its images", async () => {
    const pulled = path.join(deployment.directory, "pulled");
    await crane.pull(`localhost:${port}/team/app:1`, pulled);
    const digests = await digestsBelow(pulled);
    expect(image.blobs.filter(({ digest }) => !digests.has(digest))).toEqual([]);
  });

  it("has nothing to change", async () => {
    const { isEmpty, text } = await deployment.plan();
    expect(isEmpty ? "" : text).toBe("");
  });

  it("is destroyed without a trace", async () => {
    await deployment.destroy();
    expect(await objectsOf((name) => name.startsWith(deployment.id), engine.host)).toEqual([]);
  });
});
