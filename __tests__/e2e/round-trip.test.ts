import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import execa from "execa";
import { Crane, DockerClient, Skopeo } from "../../testing/clients/clients";
import { type Response, request } from "../../testing/clients/http";
import { digestsBelow, MiB, TestImage } from "../../testing/clients/images";
import { SlowPull, SlowPush } from "../../testing/clients/slow-transfer";
import { Deployment } from "../../testing/machine/deployment";
import { eventually } from "../../testing/machine/eventually";
import { freePorts } from "../../testing/machine/ports";
import { httpRegistry } from "../../testing/stacks/adjusted-registry";

/** Several layers: one that is empty, one odd, ones that are big; and one layer alone that is bigger than any buffer. */
const SIZES = {
  "an image of many layers and over 300 MB": [64 * MiB, 0, 1, 100 * MiB + 12345, 160 * MiB],
  "an image with one layer of 1.5 GB": [1536 * MiB],
};

/** nginx waits for 60 s unless it is told otherwise. */
const PAUSE_MS = 65000;

/** Transfers and a registry that pause, while the other tests go on. */
interface Pauses {
  readonly repository: string;
  readonly push: SlowPush;
  readonly pull: SlowPull;
  readonly layer: string;
  readonly slowAnswer: Promise<Response>;
  /** Whether both transfers were still in flight at the end of the pause. */
  readonly over: Promise<boolean[]>;
}

let deployment: Deployment;
let pausing: Deployment;
let host: string;
let pauses: Pauses;

async function beginPauses(port: number): Promise<Pauses> {
  const image = await TestImage.create(path.join(pausing.directory, "image"), { layers: [64 * MiB] });
  await new Crane(pausing.directory).push(image.directory, `localhost:${port}/team/app:1`);
  const repository = `http://localhost:${port}/v2/team/app`;
  const [{ digest: layer, size }] = image.layers;
  // Both stop halfway, until they are told to go on.
  const push = new SlowPush({ repository, size: 8 * MiB }, "paused");
  const pull = new SlowPull({ repository, size }, layer);
  await eventually(() => expect([push.isHalfway, pull.isHalfway]).toEqual([true, true]), 60000);
  const registry = `${pausing.id}-registry`;
  await execa("docker", ["pause", registry]);
  // Not for a pull, which needs no registry.
  const slowAnswer = request(`${repository}/tags/list`, { timeoutMs: 2 * PAUSE_MS });
  const over = sleep(PAUSE_MS).then(async () => {
    const inFlight = [push.isDone, pull.isDone].map((isDone) => !isDone);
    await execa("docker", ["unpause", registry]);
    push.finish();
    pull.finish();
    return inFlight;
  });
  // A failure is the test's that looks at it, at the end.
  for (const promise of [push.result, pull.result, slowAnswer, over] as Promise<unknown>[]) {
    promise.catch(() => {});
  }
  return { repository, push, pull, layer, slowAnswer, over };
}

beforeAll(async () => {
  const [port, pausingPort] = await freePorts(2);
  host = `localhost:${port}`;
  deployment = Deployment.of("layers", httpRegistry(port));
  pausing = Deployment.of("pauses", httpRegistry(pausingPort));
  await Promise.all([deployment.apply(), pausing.apply()]);
  pauses = await beginPauses(pausingPort);
});
afterAll(async () => {
  await deployment?.cleanUp();
  await pausing?.cleanUp();
});

describe.each(Object.entries(SIZES))("%s", (title, layers) => {
  const word = layers.length > 1 ? "layers" : "big";
  let image: TestImage;

  beforeAll(async () => {
    image = await TestImage.create(path.join(deployment.directory, word), { layers, seed: title });
  });

  const expectAllBlobs = async (pulled: string) => {
    const digests = await digestsBelow(pulled);
    fs.rmSync(pulled, { recursive: true });
    expect(image.blobs.map(({ digest }) => digest).filter((digest) => !digests.has(digest))).toEqual([]);
  };

  it("comes back from crane byte for byte", async () => {
    const crane = new Crane(deployment.directory);
    const pulled = path.join(deployment.directory, "crane-pulled");
    await crane.push(image.directory, `${host}/by/crane:${word}`);
    await crane.pull(`${host}/by/crane:${word}`, pulled);
    await expectAllBlobs(pulled);
  });

  it("comes back from skopeo byte for byte", async () => {
    const skopeo = new Skopeo(deployment.directory);
    const pulled = path.join(deployment.directory, "skopeo-pulled");
    await skopeo.push(image.directory, `${host}/by/skopeo:${word}`);
    await skopeo.pull(`${host}/by/skopeo:${word}`, pulled);
    await expectAllBlobs(pulled);
  });

  // docker checks every layer's content against the configuration whose digest is the image's id.
  it("comes back from docker as the same image", async () => {
    const docker = new DockerClient(deployment.directory);
    const name = `${host}/by/docker:${word}`;
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

// Last: the pause has gone on since the first test.
describe("a pause of more than a minute", () => {
  it("of a client in the middle of an upload costs it nothing", async () => {
    expect(await pauses.over).toEqual([true, true]);
    const digest = await pauses.push.result;
    expect((await request(`${pauses.repository}/blobs/${digest}`, { method: "HEAD" })).status).toBe(200);
  });

  it("of a client in the middle of a download costs it nothing", async () => {
    expect(await pauses.pull.result).toBe(pauses.layer);
  });

  it("of the registry before its answer costs it nothing", async () => {
    expect((await pauses.slowAnswer).status).toBe(200);
  });
});
