import crypto from "node:crypto";
import execa from "execa";
import { SmallImages } from "../../testing/clients/small-images";
import { raceForTag } from "../../testing/rounds/tag-race";
import type { GuardedRegistry } from "../../testing/stacks/guarded-registry";

export const RULES = [{ tags: ["v*"], repositories: ["team/**"] }];

/** What immutable tags promise, with a registry of either version; its rules are `RULES`, its repository is "team/app". */
export function immutableTagCases(
  deployed: () => { readonly registry: GuardedRegistry; readonly app: SmallImages },
): void {
  const path = (digestOrTag: string) => `/v2/team/app/manifests/${digestOrTag}`;
  const remove = (where: string, as = "ci") => deployed().registry.ask(where, { method: "DELETE", as });
  const digestOf = async (tag: string) => (await deployed().app.get(tag)).headers["docker-content-digest"];

  it("do not move, and say so", async () => {
    const { app } = deployed();
    const first = app.manifest("first");
    expect((await app.push("v1", first)).status).toBe(201);
    const { status, text } = await app.push("v1", app.manifest("second"));
    expect(status).toBe(403);
    expect(JSON.parse(text).errors).toEqual([
      {
        code: "DENIED",
        message: `the tag v1 of team/app is immutable and there already, as ${app.digest(first)}: push under another tag`,
        detail: null,
      },
    ]);
    expect(await digestOf("v1")).toBe(app.digest(first));
  });

  it("may be pushed again as they are, and other tags move", async () => {
    const { registry, app } = deployed();
    const answer = await app.push("v1", app.manifest("first"));
    expect(answer.status).toBe(201);
    expect(answer.headers["docker-content-digest"]).toBe(await digestOf("v1"));
    expect(answer.headers.location).toBe(`http://${registry.host}${path(String(await digestOf("v1")))}`);
    for (const word of ["one", "two"]) {
      expect((await app.push("latest", app.manifest(word))).status).toBe(201);
      expect(await digestOf("latest")).toBe(app.digest(app.manifest(word)));
    }
    const elsewhere = await SmallImages.in(registry, "other/app");
    for (const word of ["one", "two"]) {
      expect((await elsewhere.push("v1", elsewhere.manifest(word))).status).toBe(201);
    }
  });

  it("cannot be deleted, nor what they need", async () => {
    const { app } = deployed();
    const child = app.manifest("of an index");
    await app.push(app.digest(child), child);
    const index = app.index([child]);
    expect((await app.push("v2", index)).status).toBe(201);
    const needed = [
      path("v2"),
      path(app.digest(index)),
      path(app.digest(child)),
      path(app.digest(child).replace(":", "%3A")),
      `/v2/team/app/blobs/${app.config}`,
    ];
    for (const where of needed) {
      const { status, text } = await remove(where);
      expect([where, status, JSON.parse(text).errors[0].code]).toEqual([where, 403, "DENIED"]);
    }
    expect((await remove(path(app.digest(index)))).text).toContain("the tag v2 of team/app is immutable and needs");
    expect(await digestOf("v2")).toBe(app.digest(index));
    expect((await app.get(app.digest(child))).status).toBe(200);

    const loose = app.manifest("loose");
    await app.push("latest", loose);
    expect((await remove(path(app.digest(loose)))).status).toBe(202);
  });

  it("cannot be got at by odd addresses", async () => {
    const { app } = deployed();
    const other = app.manifest("other");
    const odd = ["/v2/team/app/manifests/%761", "/v2/team%2fapp/manifests/v1", "/v2/x/../team/app/manifests/v1"];
    for (const where of [...odd, "/v2//team/app/manifests/v1", "/v2/team/app/manifests/v1/"]) {
      expect((await app.put(where, other)).status).toBe(404);
      expect((await remove(where)).status).toBe(404);
    }
    expect((await app.put(`${path("v1")}?tag=v1`, other)).status).toBe(403);
    expect(await digestOf("v1")).toBe(app.digest(app.manifest("first")));
  });

  it("change for those who have the right to", async () => {
    const { app } = deployed();
    const moved = app.manifest("moved");
    expect((await app.push("v1", moved, "keeper")).status).toBe(201);
    expect(await digestOf("v1")).toBe(app.digest(moved));
    expect((await remove(path(app.digest(moved)), "keeper")).status).toBe(202);
    expect((await app.get("v1")).status).toBe(404);
  });

  it("have one winner of twenty pushes at a time", async () => {
    const { app } = deployed();
    for (let round = 0; round < 5; round++) {
      expect(await raceForTag(app, `v-race-${round}`)).toEqual({ won: 1, told: 19, isWhole: true });
    }
  });

  it("can be pushed again after the worker that held the lock was killed", async () => {
    const { registry, app } = deployed();
    const lock = `/tmp/tags-${crypto.createHash("sha256").update("team/app").digest("hex")}.lock`;
    // A registry that does not answer keeps the push under its lock.
    const stopped = `${registry.deployment.id}-registry`;
    await execa("docker", ["pause", stopped]);
    try {
      const cut = app.push("v-after", app.manifest("cut")).then(
        () => "answered",
        () => "cut",
      );
      await registry.inProxy(`until kill -KILL "$(readlink ${lock})" 2>/dev/null; do sleep 0.05; done`);
      expect(await cut).toBe("cut");
    } finally {
      await execa("docker", ["unpause", stopped]);
    }
    expect((await app.push("v-after", app.manifest("after"))).status).toBe(201);
    expect(await registry.inProxy("ls /tmp")).not.toContain(".lock");
  });
}
