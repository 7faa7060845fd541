import { images } from "../../environments/images";
import { GarbageCollection, RedisCache, RegistryListener, RegistryMetrics, RegistryStorage } from "../../lib";
import { request } from "../../testing/clients/http";
import { Deployment } from "../../testing/machine/deployment";
import { freePort } from "../../testing/machine/ports";
import { removeDirectory, runName, scratchDirectory } from "../../testing/machine/scratch";
import { collectAsDocumented, holdWrites, maintain } from "../../testing/rounds/collectors";
import { openEntrance, runRounds } from "../../testing/rounds/rounds";
import { S3 } from "../../testing/servers/s3";
import { composedRegistry, VERSIONS } from "../../testing/stacks/adjusted-registry";
import { secretVariable } from "../../testing/stacks/secret-variable";

const ROUNDS = 100;
/** Each takes the time of several in a volume. */
const ROUNDS_ON_S3 = 20;

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
    const result = await runRounds([openEntrance(host, deployment.directory)], deployment.directory, ROUNDS, () =>
      maintain(container, "collect"),
    );
    console.info(`version ${image.majorVersion}: ${JSON.stringify(result)}`);
    expect({ lost: result.lost, failed: result.failed }).toEqual({ lost: [], failed: [] });
  });

  it("is compared with garbage-collect as it is documented, the registry stopped meanwhile", async () => {
    const { deployment, host, container } = await deploy("byhand", false);
    const result = await runRounds([openEntrance(host, deployment.directory)], deployment.directory, ROUNDS / 5, () =>
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

/** With one process at a time, and with two. */
const ON_S3 = {
  "version 2 on a port, with metrics": {
    image: images.registryV2,
    listener: RegistryListener.tcp(),
    metrics: RegistryMetrics.prometheus({ image: images.nginx }),
  },
  "version 3 on a socket": { image: images.registry },
};

describe.each(Object.entries(ON_S3))("a registry of %s that keeps its data in S3", (_, props) => {
  const word = `s3rounds${props.image.majorVersion}`;
  const data = scratchDirectory(`${runName(word)}-storage`);
  const s3 = new S3(`${runName(word)}-storage`, data);
  let deployment: Deployment;
  afterAll(async () => {
    await deployment?.cleanUp();
    removeDirectory(data);
  });

  it(`loses no image in ${ROUNDS_ON_S3} collections`, async () => {
    const port = await freePort();
    const stack = composedRegistry(port, (scope) => ({
      ...props,
      cache: new RedisCache(scope, "Cache", { image: images.redis }),
      maintenance: GarbageCollection.of({ graceMinutes: 0 }),
      storage: RegistryStorage.s3({
        bucket: s3.bucket,
        endpoint: s3.endpoint,
        accessKey: s3.accessKey,
        secretKey: secretVariable(scope, "s3_secret"),
        networkNames: [s3.name],
      }),
    }));
    deployment = Deployment.of(word, stack, { env: { TF_VAR_s3_secret: s3.secretKey } });
    await s3.start();
    await deployment.apply();
    const outcomes: Record<string, number> = {};
    const result = await runRounds(
      [openEntrance(`localhost:${port}`, deployment.directory)],
      deployment.directory,
      ROUNDS_ON_S3,
      async () => {
        const { exitCode, output } = await maintain(`${deployment.id}-registry`, "collect");
        const outcome = /deleted|nothing to collect|push is under way/.exec(output)?.[0] ?? `${exitCode}: ${output}`;
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      },
    );
    console.info(`${word}: ${JSON.stringify({ ...result, outcomes })}`);
    expect({ lost: result.lost, failed: result.failed }).toEqual({ lost: [], failed: [] });
    // With pushes under way at each moment, the seventh goes on.
    expect(outcomes.deleted).toBeGreaterThanOrEqual(Math.floor(ROUNDS_ON_S3 / 8));
  });
});
