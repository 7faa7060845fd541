import { request } from "../../testing/clients/http";
import { MiB } from "../../testing/clients/images";
import { SteadyClient } from "../../testing/clients/steady-client";
import { Deployment } from "../../testing/machine/deployment";
import { inspect, processOf } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePort } from "../../testing/machine/ports";
import { type Adjustments, adjustedRegistry } from "../../testing/stacks/adjusted-registry";

describe("a change of nginx's configuration", () => {
  let port: number;
  let deployment: Deployment;

  const proxy = () => processOf(`${deployment.id}-proxy`);
  const health = async () => (await inspect(`${deployment.id}-proxy`)).State.Health.Status;
  const change = (adjustments: Adjustments) => deployment.apply(adjustedRegistry(port, adjustments));
  const base = () => `http://localhost:${port}/v2/`;
  /** What the proxy does not answer by itself. */
  const catalog = () => `${base()}_catalog`;
  /** 413 where the body is over nginx's limit, 202 where the registry has begun an upload. */
  const upload = async (size: number) =>
    (await request(`${base()}team/app/blobs/uploads/`, { method: "POST", body: Buffer.alloc(size) })).status;

  beforeAll(async () => {
    port = await freePort();
    deployment = Deployment.of("reload", adjustedRegistry(port));
    await deployment.apply();
  });
  afterAll(() => deployment?.cleanUp());

  it("is taken over by a reload: no container but the writer is replaced and no request fails", async () => {
    const before = await proxy();
    expect(await upload(2 * MiB)).toBe(202);
    const client = new SteadyClient(catalog());

    const { created, replaced, destroyed } = await change({ proxy: { bodyLimitMiB: 1 } });
    await eventually(async () => expect(await upload(2 * MiB)).toBe(413), 10000);
    await client.stop();

    expect({ created, replaced, destroyed }).toEqual({
      created: [],
      replaced: [
        expect.stringMatching(/^docker_container\.Proxy_Config_Writer/),
        expect.stringMatching(/^terraform_data\.Proxy_Config_Review/),
      ],
      destroyed: [],
    });
    expect(await proxy()).toEqual(before);
    expect(client.failures).toEqual([]);
    expect(client.answered).toBeGreaterThan(20);
    expect(await deployment.planIsEmpty()).toBe(true);
  });

  describe("that nginx would not start with", () => {
    const broken = { proxy: { bodyLimitMiB: 3, extraServerDirectives: ["no_such_directive on;"] } };

    // Terraform wraps the words at its own width.
    it("fails the deploy with nginx's own words", async () => {
      await expect(change(broken)).rejects.toThrow(/unknown\s+directive\s+"no_such_directive"/);
    });

    it("is never taken over: the one before goes on serving", async () => {
      const before = await proxy();
      const client = new SteadyClient(catalog());
      await new Promise((resolve) => setTimeout(resolve, 4000));
      await client.stop();
      expect(client.failures).toEqual([]);
      expect(await upload(2 * MiB)).toBe(413);
      expect(await proxy()).toEqual(before);
    });

    it("shows in the proxy's health", async () => {
      await eventually(async () => expect(await health()).toBe("unhealthy"), 20000, 500);
    });

    it("fails every further deploy until it is mended", async () => {
      await expect(change(broken)).rejects.toThrow(/refused/);
    });

    it("leaves no trace when it is mended", async () => {
      const before = await proxy();
      await change({ proxy: { bodyLimitMiB: 3 } });
      await eventually(async () => expect(await upload(2 * MiB)).toBe(202), 10000);
      expect(await upload(4 * MiB)).toBe(413);
      await eventually(async () => expect(await health()).toBe("healthy"), 20000, 500);
      expect(await proxy()).toEqual(before);
      expect(await deployment.planIsEmpty()).toBe(true);
    });
  });

  it("can be taken back while it is broken", async () => {
    await expect(change({ proxy: { extraServerDirectives: ["listen nonsense"] } })).rejects.toThrow(/nginx/);
    await change({ proxy: { bodyLimitMiB: 3 } });
    await eventually(async () => expect(await health()).toBe("healthy"), 20000, 500);
    expect(await deployment.planIsEmpty()).toBe(true);
  });
});
