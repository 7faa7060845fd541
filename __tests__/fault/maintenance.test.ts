import { setTimeout as sleep } from "node:timers/promises";
import execa from "execa";
import { images } from "../../environments/images";
import {
  GarbageCollection,
  RedisCache,
  type RegistryContainerProps,
  RegistryListener,
  RegistryMetrics,
  Retention,
} from "../../lib";
import { request } from "../../testing/clients/http";
import { blobFile, MiB } from "../../testing/clients/images";
import { Pusher } from "../../testing/clients/pusher";
import { Redis } from "../../testing/clients/redis-cli";
import { SlowPull, SlowPush } from "../../testing/clients/slow-transfer";
import { pushBlobs, pushManifests } from "../../testing/clients/small-content";
import { SteadyClient } from "../../testing/clients/steady-client";
import { Deployment } from "../../testing/machine/deployment";
import { processOf } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePort } from "../../testing/machine/ports";
import { holdWrites, maintain } from "../../testing/rounds/collectors";
import { openEntrance, runRounds } from "../../testing/rounds/rounds";
import { composedRegistry } from "../../testing/stacks/adjusted-registry";

const CONTAINER = "with its container";
const ALONE = "alone";

/** When a collection is stopped, as the shell in the registry's container can tell. */
const STEPS: { readonly [step: string]: string } = {
  "it holds writes": "[ -e /run/status/window ]",
  "the registry is read-only": "grep -qs read-only /tmp/serving",
  "it moves": "grep -qs moving /var/lib/registry/maintenance/trash/*/step",
  "it has moved": "grep -qs moved /var/lib/registry/maintenance/trash/*/step",
};

interface Variant {
  readonly word: string;
  readonly rounds: number;
  /** Whether the read-only process is there before the other one goes. */
  readonly isSeamless: boolean;
  readonly props: RegistryContainerProps;
  readonly hasRedis?: true;
  /** At which step who is killed. */
  readonly kills: [step: string, whom: string][];
}

const VARIANTS: { readonly [title: string]: Variant } = {
  "version 3 on a socket, with Redis": {
    word: "collect3",
    rounds: 10,
    isSeamless: true,
    props: { image: images.registry },
    hasRedis: true,
    kills: [
      ["it holds writes", CONTAINER],
      ["the registry is read-only", CONTAINER],
      ["it moves", CONTAINER],
      ["it has moved", CONTAINER],
      ["it holds writes", ALONE],
      ["it moves", ALONE],
    ],
  },
  "version 2 on a port, with its own memory": {
    word: "collect2",
    rounds: 4,
    isSeamless: false,
    props: {
      image: images.registryV2,
      listener: RegistryListener.tcp(),
      metrics: RegistryMetrics.prometheus({ image: images.nginx }),
    },
    kills: [
      ["it moves", CONTAINER],
      ["it has moved", ALONE],
    ],
  },
};

describe.each(Object.entries(VARIANTS))(
  "garbage collection of %s",
  (_, { word, rounds, isSeamless, props, hasRedis, kills }) => {
    let port: number;
    let deployment: Deployment;
    let container: string;
    let pusher: Pusher;

    const url = (path: string) => `http://localhost:${port}/v2/${path}`;
    const inside = (script: string) => execa("docker", ["exec", container, "sh", "-c", script]);
    const collect = (...args: string[]) => maintain(container, "collect", ...args);
    const report = async () => JSON.parse((await inside("cat /run/status/maintenance.json")).stdout);
    const beginUpload = () => request(url("team/app/blobs/uploads/"), { method: "POST", timeoutMs: 90_000 });
    const layer = (text: string) => Buffer.from(text);
    const garbage = (name: string, count = 3) => pushBlobs({ url: url("team/garbage") }, count, name);
    const redis = () => new Redis(`${deployment.id}-cache`);
    const answers = async (path: string) => (await request(url(path), { method: "HEAD" })).status;

    const stack = (retention?: Retention) =>
      composedRegistry(port, (scope) => ({
        ...props,
        ...(hasRedis ? { cache: new RedisCache(scope, "Cache", { image: images.redis }) } : {}),
        maintenance: GarbageCollection.of({ graceMinutes: 0, retention }),
      }));

    beforeAll(async () => {
      port = await freePort();
      deployment = Deployment.of(word, stack());
      await deployment.apply();
      container = `${deployment.id}-registry`;
      pusher = new Pusher(`http://localhost:${port}/v2`);
    });
    afterAll(() => deployment?.cleanUp());

    it("loses none of the images that four clients push, delete and push again meanwhile", async () => {
      const outcomes: string[] = [];
      const { acknowledged, deleted, repeated, failed, lost } = await runRounds(
        [openEntrance(`localhost:${port}`, deployment.directory)],
        deployment.directory,
        rounds,
        async () => outcomes.push((await collect()).output),
      );
      console.info(`${word}: ${acknowledged} pushes, ${deleted} deletes, ${repeated} repeats in ${rounds} rounds`);
      expect({ lost, failed }).toEqual({ lost: [], failed: [] });
      expect(outcomes.filter((outcome) => /moved into the trash|nothing to collect/.test(outcome))).toHaveLength(
        rounds,
      );
      expect(outcomes.filter((outcome) => outcome.includes("moved into the trash")).length).toBeGreaterThan(rounds / 2);
    });

    it("holds no writes where there is nothing to collect, however much there is", async () => {
      // More than a command line of busybox' xargs takes.
      await pushManifests({ url: url("team/many") }, 600, "many");
      await collect();
      const before = await inside("cat /tmp/registry.pid");
      expect((await collect()).output).toContain("nothing to collect");
      expect(await report()).toMatchObject({ outcome: "nothing-to-collect", windowSeconds: 0 });
      expect((await inside("cat /tmp/registry.pid")).stdout).toBe(before.stdout);
    });

    it("holds a push until it takes pushes again", async () => {
      const holding = holdWrites(container, 4);
      await eventually(() => inside("test -e /run/status/window"), 5000);
      const started = Date.now();
      const pulls = new SteadyClient(url(""));
      const { status } = await beginUpload();
      expect(status).toBe(202);
      expect(Date.now() - started).toBeGreaterThan(2500);
      await holding;
      expect((await pulls.stop()).failures).toEqual([]);
    });

    it("cuts no pull, waits for an upload, and fails hardly a request", async () => {
      const repository = url("team/big");
      const first = new SlowPush({ repository, size: 60 * MiB }, "pulled meanwhile");
      first.finish();
      const digest = await first.result;
      const manifest = await pusher.image("team/big", "latest", [layer("small")]);
      // The blob is named by nothing: a pull of it must outlast that it is moved.
      const pull = new SlowPull({ repository, size: 60 * MiB }, digest);
      const push = new SlowPush({ repository, size: 60 * MiB }, "on its way");
      await eventually(() => expect(push.moved).toBeGreaterThan(MiB), 10000);
      const client = new SteadyClient(url("team/big/manifests/latest"), {
        headers: { Accept: "application/vnd.oci.image.manifest.v1+json" },
      });
      let isOver = false;
      const collecting = collect().finally(() => {
        isOver = true;
      });
      await sleep(4000);
      expect(isOver).toBe(false);
      push.finish();
      const { output, exitCode } = await collecting;
      expect({ output, exitCode }).toEqual({ output: expect.stringContaining("moved into the trash"), exitCode: 0 });
      await client.stop();
      if (isSeamless) {
        expect(client.failures).toEqual([]);
      }
      expect(client.failingMs).toBeLessThan(5000);
      pull.finish();
      expect(await pull.result).toBe(digest);
      await push.result.catch((error) => expect(String(error)).toMatch(/the push ended with/));
      expect(await pusher.faults("team/big", "latest", manifest)).toEqual([]);
    });

    it("is undone: a deleted image is back, and what was pushed since stays", async () => {
      await collect();
      const word = "undone";
      const old = await pusher.image("team/undone", "old", [layer("one"), layer("two")], { word });
      await pusher.delete("team/undone", old);
      expect((await collect()).exitCode).toBe(0);
      expect(await answers(`team/undone/blobs/${old}`)).toBe(404);
      const since = await pusher.image("team/undone", "since", [layer("one"), layer("three")], { word });
      expect((await maintain(container, "undo")).output).toContain("brought back");
      expect(await pusher.faults("team/undone", "since", since)).toEqual([]);
      // The manifest was deleted before; its content is there again, so that the tag can be set anew.
      expect(await pusher.image("team/undone", "old", [layer("one"), layer("two")], { word })).toBe(old);
      expect(await pusher.faults("team/undone", "old", old)).toEqual([]);
      expect((await maintain(container, "check")).output).toContain("no fault");
    });

    it("moves nothing while a file is damaged, and names it in its answer, its report, its metrics and the log", async () => {
      const digest = await pusher.image("team/damaged", "latest", [layer("whole")]);
      await garbage("beside the damage");
      const file = `/var/lib/registry${blobFile(digest)}`;
      await inside(`cp ${file} /var/lib/registry/copy; head -c 100 /var/lib/registry/copy >${file}`);
      const { exitCode, output } = await collect();
      expect(exitCode).toBe(1);
      const named = file.slice(file.indexOf("blobs/"));
      expect(output).toContain(named);
      expect(await report()).toMatchObject({ outcome: "damaged", damaged: [expect.stringContaining(named)] });
      expect((await inside("cat /run/status/maintenance.prom")).stdout).toContain(
        "registry_maintenance_damaged_files 1\n",
      );
      const { all } = await execa("docker", ["logs", "--tail", "20", container], { all: true });
      expect(all).toContain("nothing is collected while files of the storage are damaged");
      await inside(`cat /var/lib/registry/copy >${file}; rm /var/lib/registry/copy`);
      expect((await collect()).output).toContain("moved into the trash: 3 blobs");
    });

    it.each(kills)(
      "killed when %s, %s, is taken back or finished, and pushes go on within 30 s",
      async (step, whom) => {
        const kept = await pusher.image("team/kept", "latest", [layer(`${step} ${whom}`)]);
        const stopping = inside(`until ${STEPS[step]}; do :; done; kill -STOP $(cat /tmp/maintaining/pid)`);
        const stopped = stopping.then(() => true);
        // On a busy machine the step may be over before it was seen: then there is another one.
        let collecting: ReturnType<typeof collect>;
        do {
          await garbage(`${step} ${whom}`, 40);
          collecting = collect();
        } while (!(await Promise.race([stopped, collecting.then(() => false)])));
        const started = Date.now();
        if (whom === CONTAINER) {
          await execa("docker", ["kill", container]);
          await execa("docker", ["start", container]);
        } else {
          await inside("kill -KILL $(cat /tmp/maintaining/pid)");
        }
        await collecting;
        await eventually(async () => expect((await beginUpload()).status).toBe(202), 30000);
        expect(Date.now() - started).toBeLessThan(30000);
        expect(await pusher.faults("team/kept", "latest", kept)).toEqual([]);
        await eventually(async () => expect((await collect()).exitCode).toBe(0), 20000);
        expect((await maintain(container, "check")).output).toContain("no fault");
        expect(await collect()).toMatchObject({ output: "maintenance: nothing to collect" });
      },
    );

    it("comes by its schedule", async () => {
      await garbage("for the schedule");
      const { at } = await report();
      await inside("echo 1 >/run/status/handled");
      await eventually(async () => expect((await report()).at).toBeGreaterThan(at), 40000, 500);
      expect(await report()).toMatchObject({ outcome: "collected", blobs: 3 });
    });

    if (props.metrics) {
      it("shows Prometheus how its last run was, and the room of the disk", async () => {
        const ask = 'if command -v curl >/dev/null; then curl -s -H "$0" "$1"; else wget -qO- --header "$0" "$1"; fi';
        // As Prometheus asks.
        const words = ["Accept-Encoding: gzip", "http://127.0.0.1:5001/metrics"];
        const { stdout } = await execa("docker", ["exec", `${container}-metrics-door`, "sh", "-c", ask, ...words]);
        const own = stdout.split("\n").filter((line) => /^registry_(maintenance|disk)_/.test(line));
        const samples = ["maintenance_collected_blobs 3", "maintenance_damaged_files 0", "disk_pushes_refused 0"];
        expect(own).toEqual(expect.arrayContaining(samples.map((sample) => `registry_${sample}`)));
        expect(own).toHaveLength(11);
      });
    }

    if (hasRedis) {
      it("has the registry go on without a Redis that does not say that it has forgotten, until it does", async () => {
        const [blob] = await garbage("remembered", 1);
        const digest = blob.replace("/blobs/", "");
        const mount = async () => {
          const from = `?mount=${digest}&from=team/garbage`;
          return (await request(url(`team/other/blobs/uploads/${from}`), { method: "POST" })).status;
        };
        expect(await mount()).toBe(201);
        expect(await redis().keys()).toContain(`blobs::${digest}`);
        await execa("docker", ["pause", `${deployment.id}-cache`]);
        try {
          expect((await collect()).output).toContain("the cache did not confirm");
          expect((await inside("cat /tmp/serving")).stdout).toBe("uncached.yml");
        } finally {
          await execa("docker", ["unpause", `${deployment.id}-cache`]);
        }
        expect([await answers(`team/garbage${blob}`), await mount()]).toEqual([404, 202]);
        await eventually(async () => expect((await inside("cat /tmp/serving")).stdout).toBe("config.yml"), 40000, 500);
        expect([await answers(`team/garbage${blob}`), await mount()]).toEqual([404, 202]);
        expect(await redis().keys()).not.toContain(`blobs::${digest}`);
      });
    }

    it("goes on when a deploy comes into its window, and keeps what the retention says that came with it", async () => {
      await collect();
      await garbage("in the window");
      const steps = "until grep -qs read-only /tmp/serving; do :; done; kill -STOP $(cat /tmp/maintaining/pid)";
      const stopping = inside(steps);
      const collecting = collect();
      await stopping;
      const rules = [{ repositories: ["kept/*"], keepLastPushed: 2, keepYoungerThanDays: 5, keepVersions: "^1.4.0" }];
      await deployment.apply(stack(Retention.of({ rules, untaggedAfterDays: 7 })));
      await inside("kill -CONT $(cat /tmp/maintaining/pid)");
      expect((await collecting).output).toContain("moved into the trash: 3 blobs");

      const image = (tag: string | undefined, more = {}) =>
        pusher.image("kept/app", tag, [layer("shared"), layer(tag ?? "")], { word: tag, ...more });
      const ages = { old: 9, older: 10, "v1.4.2": 30, "2.0.0": 30, young: 3, last: 0 };
      const pushed = new Map<string, string>();
      for (const tag of Object.keys(ages)) {
        pushed.set(tag, await image(tag));
      }
      const child = await image(undefined, { word: "child" });
      const index = await pusher.index("kept/app", "last", [child]);
      const signature = await image(undefined, { word: "signature", subject: index });
      const loose = await image(undefined, { word: "loose" });
      // As old as they shall be; by hand, since a test cannot wait for days.
      const links = "/var/lib/registry/docker/registry/v2/repositories/kept/app/_manifests";
      const age = (path: string, days: number) =>
        inside(`touch -d "$(date -u -d @$(($(date +%s) - ${days * 86400})) '+%Y-%m-%d %H:%M:%S')" ${links}/${path}`);
      await age("revisions/sha256/*/link", 30);
      for (const [tag, days] of Object.entries(ages)) {
        await age(`tags/${tag}/current/link`, days);
      }
      // Pushed last of all, and its image is in the way of nothing.
      const fresh = await image(undefined, { word: "fresh" });

      const gone = ["old", "older", "2.0.0"];
      const lists = (await collect("--dry-run")).output.split("\n").filter((line) => /^(tag|manifest) /.test(line));
      expect(lists.sort()).toEqual(
        [
          ...gone.map((tag) => `tag kept/app:${tag}`),
          ...[...gone, "last"].map((tag) => `manifest kept/app@${pushed.get(tag)}`),
          `manifest kept/app@${loose}`,
        ].sort(),
      );
      expect(await pusher.faults("kept/app", "old", pushed.get("old") ?? "")).toEqual([]);
      expect(await collect()).toMatchObject({ exitCode: 0, output: expect.stringContaining("3 tags, 5 untagged") });
      const kept = { "v1.4.2": pushed.get("v1.4.2"), young: pushed.get("young"), last: index };
      for (const [reference, digest = ""] of [...Object.entries(kept), [signature, signature], [fresh, fresh]]) {
        expect(await pusher.faults("kept/app", reference, digest)).toEqual([]);
      }
      for (const reference of [...gone, pushed.get("old"), loose]) {
        expect(await pusher.faults("kept/app", String(reference), "")).toEqual([expect.stringContaining("status 404")]);
      }
      expect((await maintain(container, "check")).output).toContain("no fault");
    });

    it("leaves the container as it was deployed", async () => {
      expect(await processOf(container)).toMatchObject({ id: expect.any(String) });
      expect(await deployment.planIsEmpty()).toBe(true);
    });
  },
);
