import { images } from "../../environments/images";
import { RedisCache } from "../../lib";
import { deleteAll, pushManifests } from "../../testing/clients/small-content";
import { BusyLoops } from "../../testing/machine/busy-loops";
import { Deployment } from "../../testing/machine/deployment";
import { freePort } from "../../testing/machine/ports";
import { composedRegistry, VERSIONS } from "../../testing/stacks/adjusted-registry";

const ROUNDS = 6;
const DELETES = 500;

describe.each(Object.entries(VERSIONS))("a registry of %s with a Redis on a busy machine", (_, image) => {
  let deployment: Deployment;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}/v2/team/app`;
    deployment = Deployment.of(
      `deletes${image.majorVersion}`,
      composedRegistry(port, (scope) => ({
        image,
        cache: new RedisCache(scope, "Cache", { image: images.redis }),
      })),
    );
    await deployment.apply();
  });
  afterAll(() => deployment?.cleanUp());

  it(`deletes ${ROUNDS * DELETES} images without one failure`, async () => {
    const failures: Record<number, number>[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const paths = await pushManifests({ url }, DELETES, `round ${round}`);
      const busy = new BusyLoops(8);
      try {
        failures.push(await deleteAll({ url }, paths, 16));
      } finally {
        busy.stop();
      }
    }
    console.info(`version ${image.majorVersion}: answers other than 202, by round: ${JSON.stringify(failures)}`);
    expect(failures).toEqual(failures.map(() => ({})));
  });
});
