import path from "node:path";
import type { TerraformStack } from "cdktf";
import execa from "execa";
import { images } from "../../environments/images";
import { RedisCache, type RedisCacheProps, type RegistryContainerProps, RegistryMetrics } from "../../lib";
import { takenOver } from "../../testing/checks/taken-over";
import { Crane } from "../../testing/clients/clients";
import { request } from "../../testing/clients/http";
import { TestImage } from "../../testing/clients/images";
import { metric } from "../../testing/clients/prometheus";
import { Redis } from "../../testing/clients/redis-cli";
import { Deployment } from "../../testing/machine/deployment";
import { inspect } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePorts } from "../../testing/machine/ports";
import { composedRegistry, VERSIONS } from "../../testing/stacks/adjusted-registry";

const LAYERS = Array.from({ length: 24 }, (_, i) => 1000 + i);

describe.each(Object.entries(VERSIONS))("a registry of %s with a Redis", (_, registryImage) => {
  const major = registryImage.majorVersion;
  let port: number;
  let metricsPort: number;
  let deployment: Deployment;
  let image: TestImage;
  let crane: Crane;
  let pulls = 0;

  const stackWith = (knowledge: (scope: TerraformStack) => RegistryContainerProps) =>
    // Direct pulls ask neither the registry nor what it remembers.
    composedRegistry(
      port,
      (scope) => ({
        image: registryImage,
        metrics: RegistryMetrics.prometheus({ publishPort: metricsPort, image: images.nginx }),
        ...knowledge(scope),
      }),
      { directPulls: false },
    );
  const inRedis = (props: RedisCacheProps = {}) =>
    stackWith((scope) => ({ cache: new RedisCache(scope, "Cache", { image: images.redis, ...props }) }));
  const inMemory = () => stackWith(() => ({}));
  const nowhere = () => stackWith(() => ({ configOverrides: { storage: { cache: { blobdescriptor: "" } } } }));
  const pull = () => crane.pull(`localhost:${port}/team/app:1`, path.join(deployment.directory, `pulled-${pulls++}`));
  const stats = () =>
    metric(`http://127.0.0.1:${metricsPort}/metrics`, "registry_storage_action_seconds_count", { action: "Stat" });
  const cacheMetric = (what: "Hit" | "Request") =>
    major === 2
      ? metric(`http://127.0.0.1:${metricsPort}/metrics`, "registry_storage_cache_total", { type: what })
      : metric(
          `http://127.0.0.1:${metricsPort}/metrics`,
          what === "Hit" ? "registry_storage_cache_hits_total" : "registry_storage_cache_requests_total",
        );

  beforeAll(async () => {
    [port, metricsPort] = await freePorts(2);
    deployment = Deployment.of(`cache${major}`, inRedis());
    await deployment.apply();
    image = await TestImage.create(path.join(deployment.directory, "image"), { layers: LAYERS });
    crane = new Crane(deployment.directory);
    await crane.push(image.directory, `localhost:${port}/team/app:1`);
  });
  afterAll(() => deployment?.cleanUp());

  it("finds in Redis what it was asked for before", async () => {
    const { digest } = image.layers[0];
    const expected = [`blobs::${digest}`, `repository::team/app::blobs::${digest}`];
    // A registry waits a few milliseconds for it: on a busy machine one pull may have to go without.
    await eventually(async () => {
      await pull();
      const keys = await new Redis(`${deployment.id}-cache`).keys();
      expect(keys).toEqual(expect.arrayContaining(expected));
    }, 20000);
    await eventually(async () => {
      const [hits, requests] = [await cacheMetric("Hit"), await cacheMetric("Request")];
      await pull();
      const rate = ((await cacheMetric("Hit")) - hits) / ((await cacheMetric("Request")) - requests);
      expect(rate).toBeGreaterThan(0.8);
    }, 20000);
  });

  it("hides the password from everybody who may inspect containers", async () => {
    const password = await new Redis(`${deployment.id}-cache`).run("config", "get", "requirepass");
    const secret = password.split("\n").pop() as string;
    expect(secret).toHaveLength(48);
    for (const name of ["cache", "cache-config-writer", "registry", "registry-config-writer"]) {
      expect(JSON.stringify(await inspect(`${deployment.id}-${name}`))).not.toContain(secret);
    }
    expect((await deployment.plan()).text).not.toContain(secret);
  });

  it("publishes its metrics on this machine alone, and not its settings with the password", async () => {
    const { HostConfig } = await inspect(`${deployment.id}-registry-metrics-door`);
    expect(Object.values(HostConfig.PortBindings)).toEqual([[{ HostIp: "127.0.0.1", HostPort: String(metricsPort) }]]);
    for (const path of ["/debug/vars", "/debug/pprof/", "/debug/health", "/metrics/%2e%2e/debug/vars"]) {
      expect((await request(`http://127.0.0.1:${metricsPort}${path}`)).status).toBe(404);
    }
  });

  it("lets nobody else reach Redis", async () => {
    const { NetworkSettings, HostConfig } = await inspect(`${deployment.id}-cache`);
    expect(HostConfig.PortBindings ?? {}).toEqual({});
    expect(Object.keys(NetworkSettings.Networks)).toEqual([major === 2 ? `${deployment.id}-cache` : "none"]);
  });

  it("has an empty cache after Redis was killed, unless it takes snapshots", async () => {
    const redis = new Redis(`${deployment.id}-cache`);
    const restart = async () => {
      await execa("docker", ["kill", `${deployment.id}-cache`]);
      await execa("docker", ["start", `${deployment.id}-cache`]);
      return eventually(() => redis.keys(), 10000);
    };
    await pull();
    expect(await redis.keys()).not.toEqual([]);
    expect(await restart()).toEqual([]);

    await deployment.apply(inRedis({ snapshotSeconds: 1 }));
    expect(await deployment.planIsEmpty()).toBe(true);
    await pull();
    const keys = await redis.keys();
    expect(keys).toContain(`blobs::${image.layers[0].digest}`);
    await eventually(
      async () => expect(await redis.run("info", "persistence")).toContain("rdb_changes_since_last_save:0"),
      10000,
    );
    expect((await restart()).sort()).toEqual(keys.sort());
  });

  it("asks its storage less often than without, as one that has its own memory does", async () => {
    const statsOfAPull = async () => {
      await pull();
      const before = await stats();
      await pull();
      return (await stats()) - before;
    };
    const redis = await statsOfAPull();
    await deployment.apply(inMemory());
    const memory = await statsOfAPull();
    await deployment.apply(nowhere());
    await takenOver(`${deployment.id}-registry`);
    const none = await statsOfAPull();

    console.info(`version ${major}: stat calls a pull: ${JSON.stringify({ redis, memory, none })}`);
    expect(redis).toBeLessThan(none / 2);
    expect(memory).toBeLessThan(none / 2);
  });
});
