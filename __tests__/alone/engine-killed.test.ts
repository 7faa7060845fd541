import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { images } from "../../environments/images";
import { PublicEndpoint } from "../../lib";
import { CachedRegistryStack } from "../../stacks";
import { Crane } from "../../testing/clients/clients";
import { digestsBelow, MiB, TestImage } from "../../testing/clients/images";
import { Deployment } from "../../testing/machine/deployment";
import { eventually } from "../../testing/machine/eventually";
import { PrivateEngine } from "../../testing/machine/private-engine";
import { removeDirectory } from "../../testing/machine/scratch";

// In the engine's own network namespace; crane speaks plain HTTP to loopback addresses.
const ADDRESS = "192.0.2.10";
const ENDPOINT = PublicEndpoint.https({ host: ADDRESS, port: 5443, publishAddress: ADDRESS });

const BACK_WITHIN_MS = 60000;

interface Pushed {
  readonly name: string;
  readonly image: TestImage;
}

describe("a registry on a machine that goes down at once", () => {
  let engine: PrivateEngine;
  let deployment: Deployment;
  let crane: Crane;
  const acknowledged: Pushed[] = [];
  let folders = 0;

  const push = async (pushed: Pushed) => {
    await crane.push(pushed.image.directory, pushed.name);
    acknowledged.push(pushed);
  };
  const pull = async ({ name, image }: Pushed) => {
    const pulled = path.join(deployment.directory, `pulled-${folders++}`);
    try {
      await crane.pull(name, pulled);
      const digests = await digestsBelow(pulled);
      return image.blobs.filter(({ digest }) => !digests.has(digest));
    } finally {
      removeDirectory(pulled);
    }
  };
  const five = <T>(make: (n: number) => T): T[] => [0, 1, 2, 3, 4].map(make);

  beforeAll(async () => {
    deployment = Deployment.of(
      "machine",
      (app, id) =>
        new CachedRegistryStack(app, id, { endpoint: ENDPOINT, engine: engine.host, images, protectData: false }),
    );
    engine = await PrivateEngine.start(path.join(deployment.directory, "engine"), { address: ADDRESS });
    await engine.copyImages([images.registry.reference, images.nginx.reference, images.redis.reference]);
    await deployment.apply();
    crane = new Crane(deployment.directory, {
      ca: path.join(deployment.directory, "client-trust", deployment.id, "ca.crt"),
      inside: () => engine.inside,
    });
    const image = await TestImage.create(path.join(deployment.directory, "kept"), { layers: [16 * MiB, MiB] });
    await push({ name: `${ENDPOINT.hostPort}/team/kept:1`, image });
  });
  afterAll(async () => {
    await engine?.stop();
    await deployment?.cleanUp();
  });

  it.each([1, 2, 3])("is back by itself, with all that it had acknowledged, for the %d. time", async (round) => {
    const pushes = await Promise.all(
      five(async (n) => ({
        name: `${ENDPOINT.hostPort}/team/app-${n}:${round}`,
        image: await TestImage.create(path.join(deployment.directory, `image-${round}-${n}`), {
          layers: [48 * MiB, 48 * MiB, MiB],
        }),
      })),
    );
    let isUp = true;
    const pulling = five(async () => {
      while (isUp) {
        await pull(acknowledged[0]).catch((error) => (isUp ? Promise.reject(error) : []));
      }
    });
    const pushing = pushes.map((one) =>
      push(one)
        .then(() => true)
        .catch(() => false),
    );
    // On a machine that does other things too, pushes may be faster than this process notices.
    await Promise.race([sleep(250 * round), ...pushing]);
    isUp = false;
    await engine.kill();
    const ended = await Promise.all(pushing);
    await Promise.all(pulling);
    expect(ended).toContain(false);

    const started = Date.now();
    await engine.start();
    await eventually(() => crane.run(["catalog", ENDPOINT.hostPort]), BACK_WITHIN_MS);
    expect(Date.now() - started).toBeLessThan(BACK_WITHIN_MS);
    for (const one of acknowledged) {
      expect({ name: one.name, missing: await pull(one) }).toEqual({ name: one.name, missing: [] });
    }

    // What was cut is pushed again as after any other fault of a network.
    const again = pushes.filter((_, n) => !ended[n]);
    await Promise.all(again.map(push));
    for (const one of again) {
      expect({ name: one.name, missing: await pull(one) }).toEqual({ name: one.name, missing: [] });
    }
  });

  it("has nothing to change", async () => {
    const { isEmpty, text } = await deployment.plan();
    expect(isEmpty ? "" : text).toBe("");
  });
});
