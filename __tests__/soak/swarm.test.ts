import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import execa from "execa";
import { Crane } from "../../testing/clients/clients";
import { MiB, TestImage } from "../../testing/clients/images";
import { wrk } from "../../testing/clients/wrk";
import { containerSeconds, processSeconds } from "../../testing/machine/cpu";
import { RegistryOnSwarm } from "../../testing/stacks/swarm-registry";

const GiB = 1024 * MiB;

/** Replicas that may each take a quarter of a core: as many machines as there are replicas, on this one. */
const SHARE = 0.25;

describe("a registry on a Swarm whose replicas may each take a quarter of a core", () => {
  const registry = new RegistryOnSwarm("capacity", { props: { registryService: share() } });
  let layer: string;

  function share() {
    return { cpuLimit: SHARE, update: { monitorSeconds: 2 } };
  }
  const at = () => `${registry.swarm.address(0)}:5443`;
  const spent = async () => {
    const of = async (service: string) => {
      const pids = await Promise.all((await registry.tasks(service)).map((task) => registry.pid(task)));
      return pids.map(containerSeconds).reduce((a, b) => a + b, 0);
    };
    return {
      registry: await of("registry"),
      nginx: await of("proxy"),
      redis: await of("cache"),
      s3: processSeconds(registry.swarm.s3.pid),
    };
  };
  const measured = async (act: () => Promise<number>) => {
    await sleep(3000);
    const before = await spent();
    const result = await act();
    const after = await spent();
    const per = (name: keyof typeof before) => ((after[name] - before[name]) / result).toFixed(5);
    return { result, registry: per("registry"), nginx: per("nginx"), redis: per("redis"), s3: per("s3") };
  };
  const curl = (...args: string[]) =>
    execa("curl", ["--silent", "--show-error", "--fail", "--location", "--cacert", registry.caFile, ...args]);

  beforeAll(async () => {
    await registry.deploy();
    const crane = new Crane(path.join(registry.deployment.directory, "crane"), { ca: registry.caFile });
    await crane.login(at(), { user: "ci", password: registry.passwords.ci });
    const image = await TestImage.create(path.join(registry.deployment.directory, "image"), { layers: [64 * MiB] });
    await crane.push(image.directory, `${at()}/team/app:1`);
    [{ digest: layer }] = image.layers;
  });
  afterAll(() => registry.cleanUp());

  it.each([1, 2, 4])("answers and moves what %i can", async (replicas) => {
    // By hand: it is quicker than a deploy, and the next one puts it right.
    await registry.swarm.docker(["service", "scale", `${registry.deployment.id}-registry=${replicas}`]);
    const { headers } = registry.as("ci");
    const manifest = `https://${at()}/v2/team/app/manifests/1`;
    const load = {
      connections: 16,
      seconds: 8,
      headers: { ...headers, Accept: "application/vnd.oci.image.manifest.v1+json" },
    };
    const seconds = { manifests: 0, pulls: 0, pushes: 0 };
    const manifests = await measured(async () => {
      const begun = Date.now();
      const { requests, failures } = await wrk(manifest, load);
      expect(failures).toBe(0);
      seconds.manifests = (Date.now() - begun) / 1000;
      return requests;
    });
    const authorization = `Authorization: ${headers.Authorization}`;
    const pulls = await measured(async () => {
      const begun = Date.now();
      const urls = Array.from({ length: 8 }, () => `https://${at()}/v2/team/app/blobs/${layer}`);
      await Promise.all(urls.map((url) => curl("--header", authorization, "--output", "/dev/null", url)));
      seconds.pulls = (Date.now() - begun) / 1000;
      return (urls.length * 64 * MiB) / GiB;
    });
    const data = path.join(registry.deployment.directory, "random");
    await execa("dd", ["if=/dev/urandom", `of=${data}`, "bs=1M", "count=32", "status=none"]);
    const pushes = await measured(async () => {
      const begun = Date.now();
      await Promise.all(
        Array.from({ length: 4 }, async () => {
          const post = { method: "POST", user: "ci" };
          const { headers: answer } = await registry.get(0, "/v2/team/app/blobs/uploads/", post);
          const location = String(answer.location).replace(registry.host, at());
          const patch = ["--request", "PATCH", "--header", authorization, "--header", `Host: ${registry.host}`];
          await curl(...patch, "--upload-file", data, "--output", "/dev/null", location);
        }),
      );
      seconds.pushes = (Date.now() - begun) / 1000;
      return (4 * 32 * MiB) / GiB;
    });
    fs.rmSync(data);
    const rate = (value: number, time: number) => Math.round(value / time);
    console.info(
      [
        `${replicas} replicas of ${SHARE} cores (CPU s in registry / nginx / redis / s3):`,
        `  ${rate(manifests.result, seconds.manifests)} manifests/s, each ${cost(manifests)}`,
        `  pulls ${rate(pulls.result * 1024, seconds.pulls)} MiB/s, a GiB ${cost(pulls)}`,
        `  pushes ${rate(pushes.result * 1024, seconds.pushes)} MiB/s, a GiB ${cost(pushes)}`,
      ].join("\n"),
    );
  });

  it("sends pulls to the storage where it may", async () => {
    await registry.change({ isRedirecting: true, props: { registryService: share() } });
    await registry.settled();
    const { headers } = registry.as("ci");
    let time = 0;
    const pulls = await measured(async () => {
      const begun = Date.now();
      const authorization = `Authorization: ${headers.Authorization}`;
      const urls = Array.from({ length: 8 }, () => `https://${at()}/v2/team/app/blobs/${layer}`);
      await Promise.all(urls.map((url) => curl("--header", authorization, "--output", "/dev/null", url)));
      time = (Date.now() - begun) / 1000;
      return (urls.length * 64 * MiB) / GiB;
    });
    console.info(`redirected: pulls ${Math.round((pulls.result * 1024) / time)} MiB/s, a GiB ${cost(pulls)}`);
  });
});

function cost({ registry, nginx, redis, s3 }: { registry: string; nginx: string; redis: string; s3: string }): string {
  return [registry, nginx, redis, s3].join(" / ");
}
