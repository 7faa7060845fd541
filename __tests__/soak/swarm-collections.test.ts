import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { images } from "../../environments/images";
import { GarbageCollection, RegistryMetrics } from "../../lib";
import { underLoad } from "../../testing/checks/swarm-under-load";
import { Crane, Skopeo } from "../../testing/clients/clients";
import { request } from "../../testing/clients/http";
import { MiB, TestImage } from "../../testing/clients/images";
import { Pusher } from "../../testing/clients/pusher";
import { eventually } from "../../testing/machine/eventually";
import { isAtWork, killProcess, processesBeside } from "../../testing/machine/processes";
import { type Entrance, runRounds } from "../../testing/rounds/rounds";
import { VERSIONS } from "../../testing/stacks/adjusted-registry";
import { RegistryOnSwarm, type Task } from "../../testing/stacks/swarm-registry";

const ROUNDS = Number(process.env.ROUNDS ?? 20);
const NODES = [0, 1];

jest.setTimeout(3_600_000);

const METRICS_PORT = 9100;
const LEDGER = /^registry serve .*ledger\.yml/;
const metrics = RegistryMetrics.prometheus({
  publishPort: METRICS_PORT,
  publishAddress: "0.0.0.0",
  image: images.nginx,
});

describe.each(Object.entries(VERSIONS))("registries of %s on a Swarm, with garbage that is collected", (_, image) => {
  // With four, the last ones have to wait for their turn.
  const replicas = image.majorVersion === 3 ? 4 : 2;
  const registry = new RegistryOnSwarm(`gc${image.majorVersion}`, {
    props: { replicas },
    images: { ...images, registry: image },
    registry: { maintenance: GarbageCollection.of({ graceMinutes: 0 }), metrics },
  });
  const inside = (...names: string[]) => path.join(registry.deployment.directory, ...names);
  const collector = () =>
    eventually(async () => {
      const found = await registry.tasks("collector");
      expect(found).not.toEqual([]);
      return found[0];
    }, 60_000);
  const maintain = async (...args: string[]) => registry.maintain(args, await collector());
  const serving = (task: Task) => registry.file(task, "/tmp/serving");
  /** The process of a task whose command line is like that, as this machine counts. */
  const processOf = async (task: Task, line: RegExp) =>
    eventually(async () => {
      const found = processesBeside(await registry.pid(task), line);
      expect(found).toHaveLength(1);
      return found[0];
    }, 60_000);
  /** Pushes an image and deletes it, so that there is something to collect. */
  const leaveGarbage = async (word: string) => {
    const digest = await entrances[0].pusher.image("team/gone", word, [Buffer.from(`gone ${word} ${Date.now()}`)]);
    expect(await entrances[0].pusher.delete("team/gone", digest)).toBe(true);
  };
  const kept = new Map<string, string>();
  const takesPushes = async (tag: string) => {
    for (const [i, { pusher }] of entrances.entries()) {
      const layers = [Buffer.from(`kept ${tag} ${i}`), Buffer.from("kept by all")];
      kept.set(`${tag}-${i}`, await pusher.image("team/kept", `${tag}-${i}`, layers));
    }
  };
  const everythingIsThere = async () => {
    const faults: string[] = [];
    for (const [tag, digest] of kept) {
      for (const { pusher } of entrances) {
        faults.push(...(await pusher.faults("team/kept", tag, digest)));
      }
    }
    expect(faults).toEqual([]);
  };
  const whileCollecting = async (act: () => Promise<void>) => {
    const collecting = maintain("collect");
    const task = await collector();
    await eventually(async () => expect(await registry.file(task, "/tmp/leased")).not.toBe(""), 60_000);
    await act();
    await collecting;
  };
  /** The process that looks for garbage while nobody writes, stopped by a signal. */
  const pausedCollection = async () => {
    const task = await collector();
    await eventually(async () => {
      expect(await Promise.all((await registry.tasks("registry")).map(serving))).toEqual(
        Array(replicas).fill("read-only.yml"),
      );
    }, 300_000);
    const collection = await processOf(task, /^registry garbage-collect /);
    process.kill(collection, "SIGSTOP");
    return collection;
  };
  /** How a registry answers to who goes past nginx. */
  const writesAt = async ({ node, container }: Task) => {
    const ask = "printf 'POST /v2/team/app/blobs/uploads/ HTTP/1.0\\r\\nHost: x\\r\\n\\r\\n' | nc 127.0.0.1 5000";
    return Number(/ (\d{3}) /.exec(await registry.swarm.docker(["exec", container, "sh", "-c", ask], node))?.[1]);
  };
  let entrances: Entrance[];
  let steady: TestImage;

  beforeAll(async () => {
    await registry.deploy();
    const login = { user: "carol", password: registry.passwords.carol };
    entrances = await Promise.all(
      NODES.map(async (node) => {
        const certificates = inside(`certs-${node}`);
        fs.mkdirSync(certificates);
        fs.copyFileSync(registry.caFile, path.join(certificates, "ca.crt"));
        const host = `${registry.swarm.address(node)}:5443`;
        const crane = new Crane(certificates, { ca: registry.caFile });
        const skopeo = new Skopeo(certificates, { certificates });
        await crane.login(host, login);
        await skopeo.login(host, login);
        const always = { ...registry.as("carol"), address: registry.swarm.address(node) };
        return { host, crane, skopeo, pusher: new Pusher(`https://${registry.host}/v2`, always) };
      }),
    );
    steady = await TestImage.create(inside("steady"), { layers: [MiB, 100000] });
    await entrances[0].crane.push(steady.directory, `${entrances[0].host}/team/app:1`);
  });
  afterAll(() => registry.cleanUp());

  it(`loses no image in ${ROUNDS} collections, and no client through either node fails`, async () => {
    const outcomes: Record<string, number> = {};
    const windows: string[] = [];
    await underLoad(registry, steady, NODES, async () => {
      const result = await runRounds(entrances, inside(), ROUNDS, async () => {
        const { exitCode, output } = await maintain("collect");
        const outcome = /deleted|nothing to collect|push is under way/.exec(output)?.[0] ?? `${exitCode}: ${output}`;
        windows.push(/waited for ([\d.]+) s/.exec(output)?.[1] ?? "-");
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      });
      console.info(`version ${image.majorVersion}: ${JSON.stringify({ ...result, outcomes, windows })}`);
      expect({ lost: result.lost, failed: result.failed }).toEqual({ lost: [], failed: [] });
      expect(result.repeated).toBe(0);
    });
    expect(outcomes.deleted ?? 0).toBeGreaterThanOrEqual(Math.floor(ROUNDS / 8));
  });

  it("lists what would go, and tells what the last run did", async () => {
    const { exitCode, output } = await maintain("collect", "--dry-run");
    expect({ exitCode, output }).toMatchObject({ exitCode: 0, output: expect.stringMatching(/would go: \d+ blobs/) });
    expect(JSON.parse((await maintain("status")).output)).toMatchObject({
      tags: 0,
      outcome: expect.stringMatching(/collected|nothing-to-collect|busy/),
    });
  });

  it("plans nothing afterwards", async () => {
    expect(await registry.deployment.planIsEmpty()).toBe(true);
  });

  it.each([1, 8, 12])("goes on after a collector that is killed %i s after it has closed the gate", async (seconds) => {
    await leaveGarbage(`killed-${seconds}`);
    const victim = await collector();
    await whileCollecting(async () => {
      await sleep(seconds * 1000);
      await killProcess(await registry.pid(victim));
    });
    await takesPushes(`after-${seconds}`);
    await registry.settled();
    await everythingIsThere();
  });

  it("has a registry that comes into a window read only", async () => {
    await leaveGarbage("joined");
    const collecting = maintain("collect");
    const collection = await pausedCollection();
    const before = await registry.tasks("registry");
    const [victim] = before;
    await killProcess(await registry.pid(victim));
    const newcomer = await eventually(async () => {
      const found = (await registry.tasks("registry")).find(
        ({ container }) => !before.some((one) => one.container === container),
      );
      expect(found && (await serving(found))).toBe("read-only.yml");
      return found as Task;
    }, 60_000);
    expect(await writesAt(newcomer)).toBe(405);
    process.kill(collection, "SIGCONT");
    expect((await collecting).output).toMatch(/deleted: \d+ blobs/);
    await takesPushes("joined");
    expect(await serving(newcomer)).toBe("config.yml");
    await everythingIsThere();
  });

  it("ends a collection of which nobody can be told any more, before the registries write again", async () => {
    await leaveGarbage("lost");
    const task = await collector();
    const collecting = maintain("collect");
    const collection = await pausedCollection();
    const ledger = await processOf(task, LEDGER);
    process.kill(ledger, "SIGSTOP");
    await eventually(async () => expect(isAtWork(collection)).toBe(false), 25_000);
    const stillReading = await Promise.all((await registry.tasks("registry")).map(serving));
    expect(stillReading).toEqual(Array(replicas).fill("read-only.yml"));
    process.kill(ledger, "SIGCONT");
    expect((await collecting).output).toMatch(/did not come to its end|nothing was deleted/);
    await takesPushes("lost");
    await everythingIsThere();
  });

  it("ends a registry that cannot say any more that it writes, and another one comes", async () => {
    const [victim] = await registry.tasks("registry");
    process.kill(await processOf(victim, LEDGER), "SIGSTOP");
    await eventually(async () => {
      expect((await registry.tasks("registry")).map(({ container }) => container)).not.toContain(victim.container);
    }, 150_000);
    await registry.settled();
    await takesPushes("silent");
  });

  it("lets one of two collectors wait for the other", async () => {
    await leaveGarbage("two");
    const service = `${registry.deployment.id}-collector`;
    await registry.swarm.docker(["service", "scale", `${service}=2`]);
    await registry.settled();
    const both = await registry.tasks("collector");
    expect(both).toHaveLength(2);
    const results = await Promise.all(both.map((task) => registry.maintain(["collect"], task)));
    console.info(results.map(({ exitCode, output }) => `${exitCode}: ${output}`).join("\n"));
    expect(results.map(({ exitCode }) => exitCode).filter((code) => code !== 0 && code !== 75)).toEqual([]);
    expect(results.map(({ output }) => output).join()).toMatch(/deleted: \d+ blobs/);
    await registry.swarm.docker(["service", "scale", `${service}=1`]);
    await registry.settled();
    await takesPushes("two");
    await everythingIsThere();
  });

  it("shows its last run among the metrics, also when another task collects by then", async () => {
    const url = `http://${registry.swarm.address(0)}:${METRICS_PORT}/metrics`;
    await eventually(async () => {
      const { text } = await request(url);
      expect(text).toMatch(/^registry_maintenance_last_success_timestamp_seconds \d{10}$/m);
      expect(text).toMatch(/^registry_maintenance_collected_blobs \d+$/m);
    }, 90_000);
    expect(JSON.parse((await maintain("status")).output).lastSuccess).toBeGreaterThan(1_700_000_000);
  });

  it("leaves nothing on either node", async () => {
    await registry.deployment.destroy();
    await eventually(async () => expect(await registry.leftovers()).toEqual([]), 30_000);
  });
});
