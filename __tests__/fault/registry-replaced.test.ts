import crypto from "node:crypto";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import execa from "execa";
import { images } from "../../environments/images";
import { Crane } from "../../testing/clients/clients";
import { request } from "../../testing/clients/http";
import { MiB, TestImage } from "../../testing/clients/images";
import { PullingClients } from "../../testing/clients/pulling-clients";
import { SlowPush } from "../../testing/clients/slow-transfer";
import { SteadyClient } from "../../testing/clients/steady-client";
import { Deployment } from "../../testing/machine/deployment";
import { processOf } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePort } from "../../testing/machine/ports";
import { type Adjustments, adjustedRegistry } from "../../testing/stacks/adjusted-registry";
import { expectProxyToStartAlone } from "../../testing/stacks/proxy-alone";

const REGISTRY = /^docker_container\.Registry_[0-9A-F]{8}$/;

describe("a registry that changes under a running proxy", () => {
  let port: number;
  let deployment: Deployment;
  let repository: string;
  /** What no file tells: the registry has to answer. */
  let tags: string;

  const proxy = () => processOf(`${deployment.id}-proxy`);
  const registry = () => processOf(`${deployment.id}-registry`);
  const change = (adjustments: Adjustments) => deployment.apply(adjustedRegistry(port, adjustments));
  const expectToServe = async () => {
    for (let i = 0; i < 20; i++) {
      expect((await request(tags)).status).toBe(200);
    }
  };

  beforeAll(async () => {
    port = await freePort();
    deployment = Deployment.of("replaced", adjustedRegistry(port));
    await deployment.apply();
    const image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [MiB] });
    await new Crane(deployment.directory).push(image.directory, `localhost:${port}/team/app:1`);
    repository = `http://localhost:${port}/v2/team/app`;
    tags = `${repository}/tags/list`;
  });
  afterAll(() => deployment?.cleanUp());

  it("gets another memory limit while it runs, without a failed request", async () => {
    const before = [await registry(), await proxy()];
    const client = new SteadyClient(tags);
    await change({ registry: { memoryMiB: 300 } });
    await client.stop();
    expect(client.failures).toEqual([]);
    expect([await registry(), await proxy()]).toEqual(before);
    expect(await deployment.planIsEmpty()).toBe(true);
  });

  it("is replaced for another grace period when its uploads have ended, and served by an nginx that nobody touched", async () => {
    const before = { registry: await registry(), proxy: await proxy() };
    const push = new SlowPush({ repository, size: 50 * MiB, patienceMs: 30000 }, "replaced");
    await eventually(() => expect(push.moved).toBeGreaterThan(MiB), 10000);
    const client = new SteadyClient(tags);
    const replacing = change({ registry: { stopGraceSeconds: 20 } });
    // The registry was told to end: it takes no more requests, and waits for this one.
    await eventually(() => expect(client.failures).not.toEqual([]), 60000);
    await sleep(1000);
    expect([push.isDone, (await registry()).id]).toEqual([false, before.registry.id]);
    push.finish();
    const pushed = await push.result;
    const { replaced } = await replacing;
    await expectToServe();
    await client.stop();
    expect((await request(`${repository}/blobs/${pushed}`, { method: "HEAD" })).status).toBe(200);

    expect(replaced).toContainEqual(expect.stringMatching(REGISTRY));
    expect((await registry()).id).not.toBe(before.registry.id);
    expect(await proxy()).toEqual(before.proxy);
    // What fails are requests of the moment in which there is no registry, 1.4 s, beside what the upload takes.
    expect(client.failingMs).toBeLessThan(10000);
    expect(await deployment.planIsEmpty()).toBe(true);
  });

  it("is found again by the next request after it was removed by hand and deployed, and finishes an upload", async () => {
    const before = await proxy();
    const halves = ["begun before ", "and finished after"];
    const headers = { "Content-Type": "application/octet-stream" };
    const begun = await request(`${repository}/blobs/uploads/`, { method: "POST", headers: { "Content-Length": 0 } });
    const first = await request(begun.headers.location ?? "", { method: "PATCH", headers, body: halves[0] });
    expect(first.status).toBe(202);
    await execa("docker", ["rm", "--force", `${deployment.id}-registry`]);
    expect((await request(tags)).status).toBe(502);
    const { created } = await deployment.apply();
    expect(created).toEqual([expect.stringMatching(REGISTRY)]);
    await expectToServe();
    expect(await proxy()).toEqual(before);

    // What the registry signed for the client is known to every container of it.
    const digest = `sha256:${crypto.createHash("sha256").update(halves.join("")).digest("hex")}`;
    const rest = `${first.headers.location}&digest=${digest}`;
    const { status, text } = await request(rest, { method: "PUT", headers, body: halves[1] });
    expect({ status, text }).toEqual({ status: 201, text: "" });
    expect((await request(`${repository}/blobs/${digest}`)).text).toBe(halves.join(""));
  });

  it("is found by an nginx that was started without it", () =>
    expectProxyToStartAlone(deployment, async () => (await request(tags)).status));

  it("is killed, restarted ten times and replaced by version 2, and nobody who pulls notices", async () => {
    const before = await proxy();
    const container = `${deployment.id}-registry`;
    const clients = new PullingClients(`http://localhost:${port}`, "team/app", 200);
    const asking = new SteadyClient(tags);
    await execa("docker", ["kill", container]);
    await sleep(1000);
    await execa("docker", ["start", container]);
    for (let i = 0; i < 10; i++) {
      await execa("docker", ["restart", "--time=0", container]);
    }
    await change({ registry: { image: images.registryV2 } });
    await Promise.all([clients.stop(), asking.stop()]);
    console.info(`${clients.pulls} pulls, ${Math.round(clients.rate)} a second`);
    expect(clients.failures).toEqual([]);
    expect(clients.pulls).toBeGreaterThan(1000);
    // There was something to notice.
    expect(asking.failures.length).toBeGreaterThan(10);
    expect(await proxy()).toEqual(before);
    await expectToServe();
  });
});
