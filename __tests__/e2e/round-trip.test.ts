import fs from "node:fs";
import path from "node:path";
import { Crane, DockerClient, Skopeo } from "../../testing/clients/clients";
import { digestsBelow, MiB, TestImage } from "../../testing/clients/images";
import { Deployment } from "../../testing/machine/deployment";
import { freePort } from "../../testing/machine/ports";
import { httpRegistry } from "../../testing/stacks/registry-stack";

/** Several layers: one that is empty, one odd, ones that are big; and one layer alone that is bigger than any buffer. */
const SIZES = {
  "an image of many layers and over 300 MB": [64 * MiB, 0, 1, 100 * MiB + 12345, 160 * MiB],
  "an image with one layer of 1.5 GB": [1536 * MiB],
};

describe.each(Object.entries(SIZES))("%s", (title, layers) => {
  const word = layers.length > 1 ? "layers" : "big";
  let host: string;
  let deployment: Deployment;
  let image: TestImage;

  beforeAll(async () => {
    const port = await freePort();
    host = `localhost:${port}`;
    deployment = Deployment.of(word, httpRegistry(port));
    await deployment.apply();
    image = await TestImage.create(path.join(deployment.directory, "image"), { layers, seed: title });
  });
  afterAll(() => deployment?.cleanUp());

  const expectAllBlobs = async (pulled: string) => {
    const digests = await digestsBelow(pulled);
    fs.rmSync(pulled, { recursive: true });
    expect(image.blobs.map(({ digest }) => digest).filter((digest) => !digests.has(digest))).toEqual([]);
  };

  it("comes back from crane byte for byte", async () => {
    const crane = new Crane(deployment.directory);
    const pulled = path.join(deployment.directory, "crane-pulled");
    await crane.push(image.directory, `${host}/by/crane:1`);
    await crane.pull(`${host}/by/crane:1`, pulled);
    await expectAllBlobs(pulled);
  });

  it("comes back from skopeo byte for byte", async () => {
    const skopeo = new Skopeo(deployment.directory);
    const pulled = path.join(deployment.directory, "skopeo-pulled");
    await skopeo.push(image.directory, `${host}/by/skopeo:1`);
    await skopeo.pull(`${host}/by/skopeo:1`, pulled);
    await expectAllBlobs(pulled);
  });

  // docker checks every layer's content against the configuration whose digest is the image's id.
  it("comes back from docker as the same image", async () => {
    const docker = new DockerClient(deployment.directory);
    const name = `${host}/by/docker:1`;
    try {
      await image.load(name);
      expect(await docker.imageId(name)).toBe(image.config.digest);
      await docker.push(name);
      await docker.remove(name);
      await docker.pull(name);
      expect(await docker.imageId(name)).toBe(image.config.digest);
    } finally {
      await docker.remove(name);
    }
  });
});
