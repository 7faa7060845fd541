import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import execa from "execa";
import { images } from "../../environments/images";
import { GarbageCollection, RedisCache, RegistryStorage } from "../../lib";
import { takenOver } from "../../testing/checks/taken-over";
import { Crane } from "../../testing/clients/clients";
import { request } from "../../testing/clients/http";
import { digestsBelow, MiB, TestImage } from "../../testing/clients/images";
import { SlowPush } from "../../testing/clients/slow-transfer";
import { Deployment, type StackFactory } from "../../testing/machine/deployment";
import { eventually } from "../../testing/machine/eventually";
import { freePort } from "../../testing/machine/ports";
import { removeDirectory, runName, scratchDirectory } from "../../testing/machine/scratch";
import { maintain } from "../../testing/rounds/collectors";
import { S3 } from "../../testing/servers/s3";
import { composedRegistry, VERSIONS } from "../../testing/stacks/adjusted-registry";
import { secretVariable } from "../../testing/stacks/secret-variable";

/** What its processes have of their own, without the files that they send. */
async function memoryOf(container: string): Promise<number> {
  // A process may end between its listing and its reading, as those of a health check do.
  const read = "cat /proc/[0-9]*/status 2> /dev/null || true";
  const { stdout } = await execa("docker", ["exec", container, "sh", "-c", read]);
  return [...stdout.matchAll(/^RssAnon:\s+(\d+) kB$/gm)].reduce((sum, [, kB]) => sum + Number(kB) * 1024, 0);
}

describe.each(Object.entries(VERSIONS))("a registry of %s that keeps its data in S3", (_, registryImage) => {
  const word = `s3v${registryImage.majorVersion}`;
  let host: string;
  let data: string;
  let registry: string;
  let stack: (redirect?: boolean) => StackFactory;
  let deployment: Deployment;
  let crane: Crane;
  let pulls = 0;

  const pull = async (name: string, image: TestImage) => {
    const pulled = path.join(deployment.directory, `pulled-${pulls++}`);
    await crane.pull(`${host}/${name}`, pulled);
    const digests = await digestsBelow(pulled);
    expect(image.blobs.map(({ digest }) => digest).filter((digest) => !digests.has(digest))).toEqual([]);
  };

  const url = (name: string, path: string) => `http://${host}/v2/${name}/${path}`;
  const statusOf = async (name: string, digest: string) =>
    (await request(url(name, `blobs/${digest}`), { address: "127.0.0.1", method: "HEAD" })).status;
  const remove = async (name: string, image: TestImage) => {
    const manifest = url(name, `manifests/${image.manifest.digest}`);
    expect((await request(manifest, { address: "127.0.0.1", method: "DELETE" })).status).toBe(202);
  };

  beforeAll(async () => {
    const port = await freePort();
    host = `localhost:${port}`;
    data = scratchDirectory(`${runName(word)}-storage`);
    const s3 = new S3(`${runName(word)}-storage`, data);
    stack = (redirect?: boolean) =>
      composedRegistry(port, (stack) => ({
        image: registryImage,
        deleteEnabled: true,
        cache: new RedisCache(stack, "Cache", { image: images.redis }),
        maintenance: GarbageCollection.of({ graceMinutes: 0 }),
        storage: RegistryStorage.s3({
          bucket: s3.bucket,
          endpoint: s3.endpoint,
          accessKey: s3.accessKey,
          secretKey: secretVariable(stack, "s3_secret"),
          rootDirectory: "/registry",
          networkNames: [s3.name],
          redirect,
        }),
      }));
    deployment = Deployment.of(word, stack(), { env: { TF_VAR_s3_secret: s3.secretKey } });
    await s3.start();
    await deployment.apply();
    registry = `${deployment.id}-registry`;
    crane = new Crane(deployment.directory);
  });
  afterAll(async () => {
    await deployment?.cleanUp();
    removeDirectory(data);
  });

  it("has nothing to change after its deploy, and shows its key in no plan", async () => {
    const { isEmpty, text } = await deployment.plan();
    expect(isEmpty).toBe(true);
    expect(text).not.toContain('se\\"cr');
  });

  it("takes, gives and deletes an image, also after it was replaced", async () => {
    const image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [MiB, 30 * MiB, 0] });
    await crane.push(image.directory, `${host}/team/app:1`);
    await execa("docker", ["restart", `${deployment.id}-registry`]);
    await eventually(() => pull("team/app:1", image), 20000);

    const manifest = `http://${host}/v2/team/app/manifests/${image.manifest.digest}`;
    expect((await request(manifest, { address: "127.0.0.1", method: "DELETE" })).status).toBe(202);
    const accept = { Accept: "application/vnd.oci.image.manifest.v1+json" };
    expect((await request(manifest, { address: "127.0.0.1", headers: accept })).status).toBe(404);
  });

  it("deletes what no image needs, and knows then what is gone", async () => {
    const kept = await TestImage.create(path.join(deployment.directory, "kept"), { layers: [1000, 2000] });
    const gone = await TestImage.create(path.join(deployment.directory, "gone"), { layers: [3000, 4000] });
    await crane.push(kept.directory, `${host}/team/kept:1`);
    await crane.push(gone.directory, `${host}/team/gone:1`);
    await remove("team/gone", gone);
    const push = new SlowPush({ repository: `http://${host}/v2/team/slow`, size: 8 * MiB }, "slow");
    await eventually(() => expect(push.isHalfway).toBe(true), 20000);
    const listed = await maintain(registry, "collect", "--dry-run");
    expect(gone.blobs.every(({ digest }) => listed.output.includes(`blob ${digest}`))).toBe(true);
    expect(await statusOf("team/gone", gone.layers[0].digest)).toBe(200);

    const collection = maintain(registry, "collect");
    await sleep(4000);
    // No upload is ended for it, and meanwhile others push on.
    expect([push.isDone, await statusOf("team/gone", gone.layers[0].digest)]).toEqual([false, 200]);
    push.finish();
    await push.result;
    // Its layers are there now, and its manifest is yet to come.
    const busy = await collection;
    expect(busy).toEqual({
      exitCode: 75,
      output: expect.stringContaining("a push is under way (run 1 of 6 in a row)"),
    });
    const { output, exitCode } = await maintain(registry, "collect");
    expect(output).toMatch(/deleted: \d+ blobs; writes waited for [\d.]+ s/);
    expect(exitCode).toBe(0);
    console.info(`version ${registryImage.majorVersion}: ${output}`);
    expect(await statusOf("team/gone", gone.layers[0].digest)).toBe(404);
    await pull("team/kept:1", kept);
    expect((await maintain(registry, "collect")).output).toContain("nothing to collect");
    // Whoever believes the cache sends nothing, and has an image without its layers.
    await crane.push(gone.directory, `${host}/team/gone:2`);
    await pull("team/gone:2", gone);
  });

  it("takes writes again when a collection is killed, and the next one goes on", async () => {
    const layers = Array.from({ length: 120 }, (_, i) => 100 + i);
    const gone = await TestImage.create(path.join(deployment.directory, "many"), { layers });
    await crane.push(gone.directory, `${host}/team/many:1`);
    await remove("team/many", gone);
    const collection = maintain(registry, "collect");
    const inside = (command: string) => execa("docker", ["exec", registry, "sh", "-c", command]);
    await eventually(
      async () => inside("test -e /run/status/window && grep -l garbage-collect /proc/*/cmdline"),
      60000,
    );
    await inside("kill -KILL $(cat /tmp/maintaining/pid)");
    await collection;
    const again = await TestImage.create(path.join(deployment.directory, "again"), { layers: [5000] });
    await eventually(async () => {
      await inside("! test -e /run/status/window && ! grep -l '^registry.garbage-collect' /proc/*/cmdline");
      await crane.push(again.directory, `${host}/team/again:1`);
    }, 30000);
    expect((await maintain(registry, "collect")).exitCode).toBe(0);
    await pull("team/again:1", again);
    expect((await maintain(registry, "collect")).output).toContain("nothing to collect");
  });

  it("takes and gives a layer of 1 GB", async () => {
    const image = await TestImage.create(path.join(deployment.directory, "big"), { layers: [1024 * MiB] });
    const started = Date.now();
    await crane.push(image.directory, `${host}/team/big:1`);
    console.info(`version ${registryImage.majorVersion}: 1 GB to S3 in ${Math.round((Date.now() - started) / 1000)} s`);
    await pull("team/big:1", image);
  });

  it("holds little of a layer for clients that read nothing", async () => {
    const image = await TestImage.create(path.join(deployment.directory, "unread"), { layers: [32 * MiB] });
    await crane.push(image.directory, `${host}/team/unread:1`);
    const before = await memoryOf(`${deployment.id}-proxy`);
    const [, port] = host.split(":");
    const clients = Array.from({ length: 60 }, () => {
      const client = net.connect(Number(port), "127.0.0.1");
      client.on("error", () => {});
      client.pause();
      client.write(`GET /v2/team/unread/blobs/${image.layers[0].digest} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      return client;
    });
    await sleep(5000);
    const grown = (await memoryOf(`${deployment.id}-proxy`)) - before;
    for (const client of clients) {
      client.destroy();
    }
    // 1.25 MiB each, and with nginx' buffers of 2 MiB twice as much.
    expect(grown).toBeGreaterThan(5 * MiB);
    expect(grown).toBeLessThan(100 * MiB);
    await pull("team/unread:1", image);
  });

  it("sends clients to the storage for blobs where that is wanted", async () => {
    const image = await TestImage.create(path.join(deployment.directory, "small"), { layers: [1000] });
    await crane.push(image.directory, `${host}/team/small:1`);
    const blob = () =>
      request(`http://${host}/v2/team/small/blobs/${image.layers[0].digest}`, { address: "127.0.0.1" });
    expect((await blob()).status).toBe(200);
    await deployment.apply(stack(true));
    await takenOver(`${deployment.id}-registry`);
    const { status, headers } = await blob();
    expect(status).toBe(307);
    expect(headers.location).toMatch(/^http:\/\/[^/]+:7070\/images\/registry\/docker\/.*X-Amz-Signature=/);
  });
});
