import path from "node:path";
import execa from "execa";
import { images } from "../../environments/images";
import {
  DiskReserve,
  GarbageCollection,
  type RegistryContainer,
  type RegistryContainerProps,
  RegistryListener,
} from "../../lib";
import { SERVICE_UID } from "../../lib/docker/service-container";
import { Crane, DockerClient } from "../../testing/clients/clients";
import { request } from "../../testing/clients/http";
import { MiB, TestImage } from "../../testing/clients/images";
import { Pusher } from "../../testing/clients/pusher";
import { SlowPush } from "../../testing/clients/slow-transfer";
import { SteadyClient } from "../../testing/clients/steady-client";
import { Deployment, type StackFactory } from "../../testing/machine/deployment";
import { inspect, processOf } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePort } from "../../testing/machine/ports";
import { maintain } from "../../testing/rounds/collectors";
import { composedRegistry } from "../../testing/stacks/adjusted-registry";

const DISK_MIB = 240;
const RESERVE_MIB = 80;
const SENTENCE = "the registry's disk is nearly full: pushes are refused until there is room, pulls and deletes go on";

/** A registry whose volume is a small disk: in memory, and there for as long as one of its containers is. */
function smallRegistry(port: number, props: RegistryContainerProps): StackFactory {
  return (app, id) => {
    const stack = composedRegistry(port, () => props)(app, id);
    const { dataVolume } = stack.node.findChild("Registry") as RegistryContainer;
    dataVolume?.addOverride("driver", "local");
    dataVolume?.addOverride("driver_opts", { type: "tmpfs", device: "tmpfs", o: `size=${DISK_MIB}m` });
    return stack;
  };
}

const VARIANTS: { readonly [title: string]: { word: string; isSeamless: boolean; props: RegistryContainerProps } } = {
  "version 3 on a socket, with a garbage collection": {
    word: "disk3",
    isSeamless: true,
    props: { image: images.registry, maintenance: GarbageCollection.of({ graceMinutes: 0 }) },
  },
  "version 2 on a port, without one": {
    word: "disk2",
    isSeamless: false,
    props: { image: images.registryV2, listener: RegistryListener.tcp() },
  },
};

describe.each(Object.entries(VARIANTS))("the small disk of %s", (_, { word, isSeamless, props }) => {
  let port: number;
  let deployment: Deployment;
  let container: string;
  let pusher: Pusher;
  let crane: Crane;
  let running: { id: string; startedAt: string };
  const kept: [tag: string, digest: string][] = [];

  const url = (name: string) => `http://localhost:${port}/v2/${name}`;
  const inside = async (script: string) => (await execa("docker", ["exec", container, "sh", "-c", script])).stdout;
  const data = "/var/lib/registry";
  const freeMiB = async () => Number(await inside(`stat -f -c %a ${data}`)) / 256;
  /** Another user of the same disk. */
  const leave = async (mib: number) => {
    await inside(`rm -f ${data}/filler`);
    const count = Math.floor((await freeMiB()) - mib);
    await inside(`dd if=/dev/zero of=${data}/filler bs=1048576 count=${count}`);
  };
  const isRefused = async () => (await inside("ls /run/status")).includes("disk-low");
  const refused = (is: boolean) => eventually(async () => expect(await isRefused()).toBe(is), 30000);
  const small = (text: string) => pusher.image("team/small", text, [Buffer.from(text)]);
  const health = async (name: string) => {
    const { Status, Log } = (await inspect(name)).State.Health;
    return { Status, said: Log.at(-1)?.Output };
  };

  const expectWhole = async () => {
    for (const [tag, digest] of kept) {
      expect(await pusher.faults("team/app", tag, digest)).toEqual([]);
    }
    expect(await inside(`find ${data}/docker -type f -size 0`)).toBe("");
    expect(await processOf(container)).toEqual(running);
  };

  beforeAll(async () => {
    port = await freePort();
    deployment = Deployment.of(
      word,
      smallRegistry(port, { ...props, diskReserve: DiskReserve.mebibytes(RESERVE_MIB), deleteEnabled: true }),
    );
    await deployment.apply();
    container = `${deployment.id}-registry`;
    // Where it was empty again when the writer of the configuration had gone, it belongs to whom the image's folder does.
    const open = `chmod 0777 ${data} 2>/dev/null || [ "$(stat -c %u ${data})" = ${SERVICE_UID} ]`;
    await execa("docker", ["exec", "--user=0", container, "sh", "-c", open]);
    pusher = new Pusher(url("").slice(0, -1));
    crane = new Crane(deployment.directory);
    running = await processOf(container);
  });
  afterAll(() => deployment?.cleanUp());

  it("is filled by pushes up to the reserve; then clients show why, and pulls and deletes go on", async () => {
    await small("first");
    let answer = "";
    for (let i = 0; answer === ""; i++) {
      const image = await TestImage.create(path.join(deployment.directory, `image-${i}`), {
        layers: [24 * MiB, 2 * MiB],
      });
      const name = `localhost:${port}/team/app:${i}`;
      answer = await crane.push(image.directory, name).then(
        () => "",
        (error) => String(error),
      );
      if (answer === "") {
        kept.push([String(i), (await crane.run(["digest", name])).trim()]);
      }
    }
    expect(answer).toContain(`DENIED: ${SENTENCE}`);
    expect(kept.length).toBeGreaterThanOrEqual(5);
    expect(await freeMiB()).toBeGreaterThan(0);

    const docker = new DockerClient(deployment.directory);
    const name = `localhost:${port}/team/by-docker:1`;
    await docker.tag(images.redis.reference, name);
    await expect(docker.push(name)).rejects.toThrow(`denied: ${SENTENCE}`);
    await docker.remove(name);
    const upload = await request(url("team/app/blobs/uploads/"), { method: "POST" });
    expect({ ...upload, text: JSON.parse(upload.text) }).toMatchObject({
      status: 403,
      text: { errors: [{ code: "DENIED", message: SENTENCE }] },
    });
    await expectWhole();
  });

  it("is said by the health of both containers, the log and the metrics", async () => {
    const words = /pushes are refused: \d+ MiB of the disk are free, the reserve is 80 MiB/;
    for (const name of [container, `${deployment.id}-proxy`]) {
      await eventually(async () => {
        expect(await health(name)).toEqual({ Status: "healthy", said: expect.stringMatching(words) });
      }, 15000);
    }
    expect((await execa("docker", ["logs", container], { all: true })).all).toMatch(words);
    const metrics = await inside("cat /run/status/disk.prom");
    expect(metrics).toContain(`registry_disk_reserve_bytes ${RESERVE_MIB * MiB}\n`);
    expect(metrics).toMatch(/^registry_disk_pushes_refused 1$/m);
    if (props.maintenance) {
      expect((await maintain(container, "status")).output).toMatch(words);
    }
  });

  it("takes pushes again without a restart when there is room", async () => {
    for (const [tag, digest] of kept.splice(0, 4)) {
      const manifest = JSON.parse(await crane.run(["manifest", `localhost:${port}/team/app:${tag}`]));
      expect(await pusher.delete("team/app", digest)).toBe(true);
      if (!props.maintenance) {
        for (const layer of manifest.layers) {
          await inside(`rm -r ${data}/docker/registry/v2/blobs/sha256/??/${layer.digest.slice(7)}`);
        }
      }
    }
    if (props.maintenance) {
      expect((await maintain(container, "collect")).output).toContain("moved into the trash");
    }
    await refused(false);
    await small("after");
    await expectWhole();
  });

  it("lets a push end that was uploaded when the reserve was met, and begins none", async () => {
    await leave(RESERVE_MIB + 40);
    await refused(false);
    const push = new SlowPush({ repository: url("team/app"), size: 12 * MiB }, "almost there");
    await eventually(() => expect(push.isHalfway).toBe(true), 10000);
    await leave(RESERVE_MIB - 10);
    await refused(true);
    push.finish();
    const digest = await push.result;
    expect((await request(url(`team/app/blobs/${digest}`), { method: "HEAD" })).status).toBe(200);
    await expect(small("refused")).rejects.toThrow(SENTENCE);
    expect(await crane.run(["tag", `localhost:${port}/team/small:after`, "tagged"])).toContain("small:tagged");
  });

  it("ends uploads in flight before it is full, and no pull", async () => {
    await leave(RESERVE_MIB + 20);
    await refused(false);
    const client = new SteadyClient(url(`team/app/manifests/${kept[0][0]}`), {
      headers: { Accept: "application/vnd.oci.image.manifest.v1+json" },
    });
    let least = await freeMiB();
    const pushes = [1, 2, 3].map((i) => new SlowPush({ repository: url("team/app"), size: 100 * MiB }, `flight ${i}`));
    for (const push of pushes) {
      push.result.catch(() => {});
    }
    while (pushes.some(({ isDone }) => !isDone)) {
      least = Math.min(least, await freeMiB());
      for (const push of pushes.filter(({ isHalfway }) => isHalfway)) {
        push.finish();
      }
    }
    console.info(`${word}: ${least.toFixed(0)} MiB were free at least, of a reserve of ${RESERVE_MIB}`);
    expect(least).toBeGreaterThan(0);
    const ends = await Promise.allSettled(pushes.map(({ result }) => result));
    expect(ends.map(({ status }) => status)).toContain("rejected");
    await client.stop();
    if (isSeamless) {
      expect(client.failures).toEqual([]);
    }
    expect(client.failingMs).toBeLessThan(5000);
    // Said when another process has taken over and what they left is gone, which clients do not wait for.
    await eventually(async () => {
      const { all } = await execa("docker", ["logs", container], { all: true });
      expect(all).toMatch(/uploads in flight were ended/);
    }, 15000);
    await inside(`rm -f ${data}/filler`);
    await refused(false);
    await small("last");
    await expectWhole();
  });

  if (props.maintenance) {
    it("has a deploy fail whose reserve is as large as the disk, and goes on", async () => {
      const diskReserve = DiskReserve.mebibytes(DISK_MIB);
      const larger = smallRegistry(port, { ...props, diskReserve, deleteEnabled: true });
      await expect(deployment.apply(larger)).rejects.toThrow(
        /diskReserve is 240 MiB, and the whole disk with the registry's data has 240 MiB. Fix: write less/,
      );
      await small("still");
    });
  }
});
