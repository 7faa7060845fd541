import { images } from "../../environments/images";
import { GarbageCollection, RedisCache } from "../../lib";
import { request } from "../../testing/clients/http";
import { Deployment } from "../../testing/machine/deployment";
import { freePort } from "../../testing/machine/ports";
import { collectAsDocumented, holdWrites, maintain } from "../../testing/rounds/collectors";
import { runRounds } from "../../testing/rounds/rounds";
import { composedRegistry, VERSIONS } from "../../testing/stacks/adjusted-registry";

const ROUNDS = 100;

jest.setTimeout(3_600_000);

describe.each(Object.entries(VERSIONS))("a registry of %s with a Redis", (_, image) => {
  const deployments: Deployment[] = [];
  const deploy = async (word: string, isMaintained: boolean) => {
    const port = await freePort();
    const stack = composedRegistry(
      port,
      (scope) => ({
        image,
        cache: new RedisCache(scope, "Cache", { image: images.redis }),
        ...(isMaintained ? { maintenance: GarbageCollection.of({ graceMinutes: 0 }) } : {}),
      }),
      // By hand there is no proxy that looks whether a blob's file is there.
      isMaintained ? {} : { acceleratedPulls: false },
    );
    const deployment = Deployment.of(`${word}${image.majorVersion}`, stack);
    deployments.push(deployment);
    await deployment.apply();
    return { deployment, host: `localhost:${port}`, container: `${deployment.id}-registry` };
  };
  afterAll(() => Promise.all(deployments.map((deployment) => deployment.cleanUp())));

  it(`loses no image in ${ROUNDS} collections`, async () => {
    const { deployment, host, container } = await deploy("rounds", true);
    const result = await runRounds(host, deployment.directory, ROUNDS, () => maintain(container, "collect"));
    console.info(`version ${image.majorVersion}: ${JSON.stringify(result)}`);
    expect({ lost: result.lost, failed: result.failed }).toEqual({ lost: [], failed: [] });
  });

  it("is compared with garbage-collect as it is documented, the registry stopped meanwhile", async () => {
    const { deployment, host, container } = await deploy("byhand", false);
    const result = await runRounds(host, deployment.directory, ROUNDS / 5, () =>
      collectAsDocumented(container, image.reference),
    );
    console.info(`version ${image.majorVersion}, by hand: ${result.lost.length} losses, ${JSON.stringify(result)}`);
    expect(result.acknowledged).toBeGreaterThan(ROUNDS);
  });

  it("asks those to come back whose writes have waited for a minute", async () => {
    const { host, container } = await deploy("held", true);
    const holding = holdWrites(container, 70);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const { status, headers, text } = await request(`http://${host}/v2/team/app/blobs/uploads/`, {
      method: "POST",
      timeoutMs: 90_000,
    });
    expect([status, headers["retry-after"], JSON.parse(text).errors[0].code]).toEqual([503, "30", "UNAVAILABLE"]);
    await holding;
  });
});
