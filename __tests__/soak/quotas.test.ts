import execa from "execa";
import { images } from "../../environments/images";
import { GarbageCollection, PublicEndpoint, RegistryMetrics, RepositoryQuota } from "../../lib";
import { ReencryptedRegistryStack } from "../../stacks";
import { request } from "../../testing/clients/http";
import { MiB } from "../../testing/clients/images";
import { Pusher } from "../../testing/clients/pusher";
import { Deployment, type StackFactory } from "../../testing/machine/deployment";
import { inspect, processOf } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePort } from "../../testing/machine/ports";
import { holdWrites, maintain } from "../../testing/rounds/collectors";
import { layer } from "../../testing/rounds/quota-race";

const QUOTAS = [
  RepositoryQuota.of("team/**", { maxMiB: 14 }),
  RepositoryQuota.of("many/**", { maxTags: 2 }),
  RepositoryQuota.of("none/**", { maxMiB: 1, maxTags: 1 }),
];

/** With all that stands in the way of a push: TLS on both sides of the proxy, metrics, and collections. */
describe("a registry that was there before its quotas", () => {
  let port: number;
  let deployment: Deployment;
  let ca: string;
  let pusher: Pusher;
  const digests = new Map<string, string>();

  const stack =
    (quotas?: RepositoryQuota[]): StackFactory =>
    (app, id) =>
      new ReencryptedRegistryStack(app, id, {
        endpoint: PublicEndpoint.https({ host: "localhost", port }),
        images,
        protectData: false,
        registry: {
          quotas,
          metrics: RegistryMetrics.prometheus({ image: images.nginx }),
          maintenance: GarbageCollection.of({ graceMinutes: 0 }),
        },
      });
  const container = (name: string) => `${deployment.id}-${name}`;
  const push = async (repository: string, tag: string, mebibytes: number) => {
    const digest = await pusher.image(repository, tag, mebibytes > 0 ? [layer(mebibytes)] : [], { word: tag });
    digests.set(`${repository}:${tag}`, digest);
  };
  const remove = (repository: string, tag: string) =>
    pusher.delete(repository, digests.get(`${repository}:${tag}`) ?? "");
  const faults = (repository: string, tag: string) =>
    pusher.faults(repository, tag, digests.get(`${repository}:${tag}`) ?? "");
  /** What a metric says of a quota. */
  const metric = async (name: string, repositories: string) => {
    const ask = ["http://127.0.0.1:5001/metrics", "Accept-Encoding: gzip"];
    const { stdout } = await execa("docker", [
      ...["exec", container("registry-metrics-door"), "sh", "-c"],
      ...['if command -v curl >/dev/null; then curl -s -H "$1" "$0"; else wget -qO- --header "$1" "$0"; fi', ...ask],
    ]);
    const found = new RegExp(`^registry_nginx_quota_${name}\\{(.*)\\} (\\d+)$`, "gm");
    const samples = [...stdout.matchAll(found)].filter(([, labels]) =>
      labels.includes(`repositories="${repositories}"`),
    );
    expect(samples).toHaveLength(1);
    return Number(samples[0][2]);
  };
  const lastCheck = async () => {
    const { Status, Log } = (await inspect(container("proxy"))).State.Health;
    return [Status, Log.at(-1)?.Output ?? ""];
  };

  beforeAll(async () => {
    port = await freePort();
    deployment = Deployment.of("quotas", stack());
    await deployment.apply();
    ca = (await deployment.outputs()).ca_certificate as string;
    pusher = new Pusher(`https://localhost:${port}/v2`, { ca });
    for (const tag of ["1", "2", "3", "4"]) {
      await push("team/app", tag, 3);
      await push("many/app", tag, 0);
    }
  });
  afterAll(() => deployment?.cleanUp());

  it("counts what was there, restarts no registry, and has nothing left to change", async () => {
    const before = await processOf(container("registry"));
    await deployment.apply(stack(QUOTAS));
    expect(await deployment.planIsEmpty()).toBe(true);
    expect(await processOf(container("registry"))).toEqual(before);
    const used = await eventually(() => metric("used_bytes", "team/**"), 20_000, 500);
    expect(used).toBeGreaterThan(12 * MiB);
    expect(used).toBeLessThan(12 * MiB + 4096);
    expect(await metric("limit_bytes", "team/**")).toBe(14 * MiB);
    expect([await metric("used_tags", "many/**"), await metric("limit_tags", "many/**")]).toEqual([4, 2]);
    expect([await metric("used_bytes", "none/**"), await metric("used_tags", "none/**")]).toEqual([0, 0]);
  });

  it("says which quota is below what is there, refuses pushes to it, and goes on with pulls and deletes", async () => {
    const sentence = "quota of many/**: more is there than it allows, 0.0 MiB and 4 tags: pushes are refused";
    await eventually(
      async () => expect(await lastCheck()).toEqual(["healthy", expect.stringContaining(sentence)]),
      20_000,
    );
    const { all = "" } = await execa("docker", ["logs", container("proxy")], { all: true });
    expect(all.split(sentence)).toHaveLength(2);
    await expect(push("many/app", "5", 0)).rejects.toThrow(
      /answered with 403: .*"the quota of many\/\*\* is 2 tags, and 4 are there: delete some, or ask for more"/,
    );
    expect(await faults("many/app", "4")).toEqual([]);
    // A tag that is there may move.
    await push("many/app", "4", 0);
    for (const [tag, left] of [
      ["1", 3],
      ["2", 2],
    ] as const) {
      expect(await remove("many/app", tag)).toBe(true);
      await expect(push("many/app", "5", 0)).rejects.toThrow(`is 2 tags, and ${left} are there`);
    }
    expect(await remove("many/app", "3")).toBe(true);
    await push("many/app", "5", 0);
    await eventually(async () => expect((await lastCheck())[1]).not.toContain("quota"), 20_000);
  });

  it("has room again after a collection, also for a push that comes into its window", async () => {
    await expect(push("team/app", "5", 3)).rejects.toThrow(/is 14 MiB: 12.0 MiB are used, and this needs 3.0 MiB more/);
    expect(await remove("team/app", "1")).toBe(true);
    // What is deleted is there until it is collected.
    await expect(push("team/app", "5", 3)).rejects.toThrow(/is 14 MiB: 12.0 MiB are used/);
    const collected = await maintain(container("registry"), "collect");
    expect(collected).toMatchObject({ exitCode: 0, output: expect.stringContaining("moved into the trash") });
    await push("team/app", "5", 3);
    expect(await faults("team/app", "5")).toEqual([]);
    await expect(push("team/other", "6", 3)).rejects.toThrow(/is 14 MiB: 12.0 MiB are used/);

    expect(await remove("team/app", "2")).toBe(true);
    expect((await maintain(container("registry"), "collect")).exitCode).toBe(0);
    const holding = holdWrites(container("registry"), 4);
    await eventually(() => execa("docker", ["exec", container("registry"), "test", "-e", "/run/status/window"]), 5000);
    const began = Date.now();
    await push("team/other", "6", 3);
    expect(Date.now() - began).toBeGreaterThan(2000);
    await holding;
    expect(await faults("team/other", "6")).toEqual([]);
    await eventually(async () => expect(await metric("used_bytes", "team/**")).toBeGreaterThan(12 * MiB), 60_000);
    expect(await metric("used_bytes", "team/**")).toBeLessThan(12 * MiB + 4096);
  });

  it("gives the room back that a raised quota has, and all of it where there is none any more", async () => {
    await expect(push("team/app", "7", 3)).rejects.toThrow("answered with 403");
    await deployment.apply(stack([RepositoryQuota.of("team/**", { maxMiB: 18 })]));
    await push("team/app", "7", 3);
    await expect(push("team/app", "8", 6)).rejects.toThrow(/is 18 MiB: 15.0 MiB are used/);
    await deployment.apply(stack());
    await push("team/app", "8", 6);
    expect((await request(`https://localhost:${port}/v2/team/app/tags/list`, { ca })).text).toContain('"8"');
    expect(await deployment.planIsEmpty()).toBe(true);
    await deployment.destroy();
    expect(await deployment.leftovers()).toEqual([]);
  });
});
