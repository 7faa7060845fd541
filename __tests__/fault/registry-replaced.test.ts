import path from "node:path";
import execa from "execa";
import { Crane } from "../../testing/clients/clients";
import { request } from "../../testing/clients/http";
import { MiB, TestImage } from "../../testing/clients/images";
import { SteadyClient } from "../../testing/clients/steady-client";
import { Deployment } from "../../testing/machine/deployment";
import { processOf } from "../../testing/machine/objects";
import { freePort } from "../../testing/machine/ports";
import { type Adjustments, adjustedRegistry } from "../../testing/stacks/registry-stack";

/** Without it the registry answers 404 for an OCI manifest. */
const accepting = { headers: { Accept: "application/vnd.oci.image.manifest.v1+json" } };

const REGISTRY = /^docker_container\.Registry_[0-9A-F]{8}$/;

describe("a registry that changes under a running proxy", () => {
  let port: number;
  let deployment: Deployment;
  let manifest: string;

  const proxy = () => processOf(`${deployment.id}-proxy`);
  const registry = () => processOf(`${deployment.id}-registry`);
  const change = (adjustments: Adjustments) => deployment.apply(adjustedRegistry(port, adjustments));
  const expectToServe = async () => {
    for (let i = 0; i < 20; i++) {
      expect((await request(manifest, accepting)).status).toBe(200);
    }
  };

  beforeAll(async () => {
    port = await freePort();
    deployment = Deployment.of("replaced", adjustedRegistry(port));
    await deployment.apply();
    const image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [MiB] });
    await new Crane(deployment.directory).push(image.directory, `localhost:${port}/team/app:1`);
    manifest = `http://localhost:${port}/v2/team/app/manifests/${image.manifest.digest}`;
  });
  afterAll(() => deployment?.cleanUp());

  it("gets another memory limit while it runs, without a failed request", async () => {
    const before = [await registry(), await proxy()];
    const client = new SteadyClient(manifest, accepting);
    await change({ registry: { memoryMiB: 300 } });
    await client.stop();
    expect(client.failures).toEqual([]);
    expect([await registry(), await proxy()]).toEqual(before);
    expect(await deployment.planIsEmpty()).toBe(true);
  });

  it("is replaced for another grace period and served again by an nginx that nobody touched", async () => {
    const before = { registry: await registry(), proxy: await proxy() };
    const client = new SteadyClient(manifest, accepting);
    const { replaced } = await change({ registry: { stopGraceSeconds: 20 } });
    await expectToServe();
    await client.stop();

    expect(replaced).toContainEqual(expect.stringMatching(REGISTRY));
    expect((await registry()).id).not.toBe(before.registry.id);
    expect(await proxy()).toEqual(before.proxy);
    // What fails are requests of the moment in which there is no registry: 1.4 s were seen.
    expect(client.failingMs).toBeLessThan(10000);
    expect(await deployment.planIsEmpty()).toBe(true);
  });

  it("is found again by the next request after it was removed by hand and deployed", async () => {
    const before = await proxy();
    await execa("docker", ["rm", "--force", `${deployment.id}-registry`]);
    expect((await request(manifest, accepting)).status).toBe(502);
    const { created } = await deployment.apply();
    expect(created).toEqual([expect.stringMatching(REGISTRY)]);
    await expectToServe();
    expect(await proxy()).toEqual(before);
  });
});
