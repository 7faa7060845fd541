import { RepositoryQuota } from "../../lib";
import { SmallImages } from "../../testing/clients/small-images";
import { digestOf, layer, pushBlob, raceForQuota } from "../../testing/rounds/quota-race";
import type { GuardedRegistry } from "../../testing/stacks/guarded-registry";

const MiB = 1024 * 1024;

export const QUOTAS = [
  RepositoryQuota.of("small/**", { maxMiB: 20 }),
  RepositoryQuota.of("few/**", { maxTags: 3 }),
  RepositoryQuota.of("**/both", { maxMiB: 100, maxTags: 1000 }),
];

/** What quotas promise, with a registry of either version. */
export function quotaCases(registryOf: () => GuardedRegistry, rounds = 1): void {
  const blob = (repository: string, digest: string, method: string) =>
    registryOf().ask(`/v2/${repository}/blobs/${digest}`, { method });

  it("are never exceeded by five clients at a time, and pulls and deletes go on", async () => {
    const registry = registryOf();
    const repositories = ["small/a", "small/b", "small/both", "small/deep/er/d", "small/e"];
    for (let round = 0; round < rounds; round++) {
      const { taken, refusals } = await raceForQuota(registry, repositories, 3);
      expect(taken).toHaveLength(6);
      expect(await stored(registry)).toBe(18 * MiB);
      for (const { status, text } of refusals) {
        expect([status, JSON.parse(text).errors[0].code]).toEqual([403, "DENIED"]);
        expect(text).toContain(
          "the quota of small/** is 20 MiB: 18.0 MiB are used, and this needs 3.0 MiB more: delete images there",
        );
      }
      expect((await blob(taken[0].repository, taken[0].digest, "GET")).body).toHaveLength(3 * MiB);
      expect((await pushBlob(registry, "other/app", layer(3), true)).status).toBe(201);
      for (const { repository, digest } of taken) {
        expect((await blob(repository, digest, "DELETE")).status).toBe(202);
      }
    }
    // What was refused has left nothing.
    const left = "find /var/lib/registry/docker/registry/v2/repositories/small -path '*/_uploads/*/data' -size +0";
    expect(await registry.inProxy(left)).toBe("");
  });

  it("count what is mounted, but not twice what they have", async () => {
    const registry = registryOf();
    const big = layer(15);
    const digest = digestOf(big);
    expect((await pushBlob(registry, "other/app", big, true)).status).toBe(201);
    const mount = (to: string, from: string) =>
      registry.ask(`/v2/${to}/blobs/uploads/?mount=${digest}&from=${from}`, { method: "POST" });
    expect((await mount("small/a", "other/app")).status).toBe(201);
    expect((await mount("small/b", "small/a")).status).toBe(201);
    const other = layer(6);
    expect((await pushBlob(registry, "small/c", other, false)).text).toContain("15.0 MiB are used, and this needs 6.0");
    for (const repository of ["small/a", "small/b"]) {
      expect((await blob(repository, digest, "DELETE")).status).toBe(202);
    }
    expect((await pushBlob(registry, "small/c", other, false)).status).toBe(201);
  });

  it("of tags count new ones only", async () => {
    const app = await SmallImages.in(registryOf(), "few/app");
    const answers = await Promise.all(
      ["a", "b", "c", "d", "e"].map((tag) => app.push(tag, app.manifest(tag)).then((answer) => ({ tag, ...answer }))),
    );
    const there = answers.filter(({ status }) => status === 201);
    expect(there).toHaveLength(3);
    const refused = answers.filter(({ status }) => status === 403);
    expect(refused.map(({ text }) => text).join()).toMatch(/the quota of few\/\*\* is 3 tags, and 3 are there/);
    expect(refused).toHaveLength(2);
    expect((await app.push(there[0].tag, app.manifest("moved"))).status).toBe(201);
    const gone = app.path(app.digest(app.manifest(there[1].tag)));
    expect((await registryOf().ask(gone, { method: "DELETE" })).status).toBe(202);
    expect((await app.push(refused[0].tag, app.manifest("new"))).status).toBe(201);
  });

  it("are not got round by odd addresses", async () => {
    const registry = registryOf();
    for (const name of ["small%2Fa", "smal%6c/a", "x/../small/a", "/small/a"]) {
      expect((await registry.ask(`/v2/${name}/blobs/uploads/`, { method: "POST" })).status).toBe(404);
    }
  });
}

/** Bytes of all blobs that the repositories of the first quota have. */
async function stored(registry: GuardedRegistry): Promise<number> {
  const found = await registry.inProxy(
    "cd /var/lib/registry/docker/registry/v2 && find repositories/small -path '*/_layers/sha256/*/link' | awk -F/ '{ print $(NF - 1) }' | sort -u | while read -r hex; do stat -c %s blobs/sha256/??/$hex/data; done",
  );
  return found.split("\n").reduce((sum, size) => sum + Number(size), 0);
}
