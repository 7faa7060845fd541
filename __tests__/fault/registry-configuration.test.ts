import execa from "execa";
import { images } from "../../environments/images";
import { type RegistryContainerProps, RegistryListener, RegistryMetrics } from "../../lib";
import { request } from "../../testing/clients/http";
import { MiB } from "../../testing/clients/images";
import { SlowPush } from "../../testing/clients/slow-transfer";
import { SteadyClient } from "../../testing/clients/steady-client";
import { Deployment } from "../../testing/machine/deployment";
import { inspect, processOf } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePort } from "../../testing/machine/ports";
import { adjustedRegistry } from "../../testing/stacks/adjusted-registry";
import { expectAnotherAddressToBeFound, expectProxyToStartAlone } from "../../testing/stacks/proxy-alone";

interface Variant extends RegistryContainerProps {
  readonly word: string;
  /** Whether the new process is there before the old one goes. */
  readonly isSeamless: boolean;
}

/** Each version and each way to the registry once. */
const VARIANTS: { readonly [name: string]: Variant } = {
  "version 3 on a socket": { word: "change3", isSeamless: true },
  "version 2 on a port": {
    word: "changeport",
    isSeamless: false,
    image: images.registryV2,
    listener: RegistryListener.tcp(),
    metrics: RegistryMetrics.prometheus({ image: images.nginx }),
  },
};

describe.each(Object.entries(VARIANTS))("a change of the configuration of %s", (_, { word, isSeamless, ...props }) => {
  let port: number;
  let deployment: Deployment;

  const base = () => `http://localhost:${port}/v2/`;
  /** What the proxy does not answer by itself. */
  const catalog = () => `${base()}_catalog`;
  const registry = () => processOf(`${deployment.id}-registry`);
  const state = async () => (await inspect(`${deployment.id}-registry`)).State;
  const deploy = (changed: RegistryContainerProps = {}) =>
    deployment.apply(adjustedRegistry(port, { registry: { ...props, ...changed } }));
  const files = async () =>
    (await execa("docker", ["exec", `${deployment.id}-registry`, "readlink", "/config/current"])).stdout;
  const location = async () => {
    const { headers } = await request(`${base()}team/app/blobs/uploads/`, {
      method: "POST",
      headers: { "Content-Length": 0 },
    });
    return headers.location ?? "";
  };
  const expectRelativeUrls = (isRelative: boolean) =>
    eventually(async () => expect(await location()).toMatch(isRelative ? /^\// : /^http:/), 15000);

  beforeAll(async () => {
    port = await freePort();
    deployment = Deployment.of(word, adjustedRegistry(port, { registry: props }));
    await deployment.apply();
  });
  afterAll(() => deployment?.cleanUp());

  it("is taken over by a new process of the same container, and a push in flight comes to its end", async () => {
    const before = await registry();
    await expectRelativeUrls(false);
    const client = new SteadyClient(catalog());
    const push = new SlowPush({ repository: `${base()}team/app`, size: 200 * MiB }, word);
    await eventually(() => expect(push.moved).toBeGreaterThan(MiB), 10000);

    const old = await files();
    const deploying = deploy({ relativeUrls: true });
    if (isSeamless) {
      await deploying;
      expect(await location()).toMatch(/^\//);
      expect(push.isDone).toBe(false);
    } else {
      // The deploy waits for the new process, and that one for the push.
      await eventually(async () => expect(await files()).not.toBe(old), 60000);
    }
    push.finish();
    const { created, replaced, destroyed } = await deploying;
    if (isSeamless) {
      const pushed = await push.result;
      expect((await request(`${base()}team/app/blobs/${pushed}`, { method: "HEAD" })).status).toBe(200);
    } else {
      // The old process takes all of it; who comes to name its digest then may find nobody yet.
      await push.result.catch((error) => expect(String(error)).toContain("the push ended with 502"));
      await expectRelativeUrls(true);
    }
    await client.stop();

    expect({ created, replaced, destroyed }).toEqual({
      created: [],
      replaced: [
        expect.stringMatching(/^docker_container\.Registry_Config_Writer/),
        expect.stringMatching(/^terraform_data\.Registry_Config_Review/),
      ],
      destroyed: [],
    });
    expect(await registry()).toEqual(before);
    expect(client.answered).toBeGreaterThan(20);
    if (isSeamless) {
      expect(client.failures).toEqual([]);
    }
    expect(await deployment.planIsEmpty()).toBe(true);
  });

  it("fails hardly a request where no transfer is in flight", async () => {
    const client = new SteadyClient(catalog(), { perSecond: 50 });
    await deploy({ relativeUrls: false });
    await expectRelativeUrls(false);
    await client.stop();
    expect(isSeamless ? client.failures : []).toEqual([]);
    // On a port 0.06 s were seen.
    expect(client.failingMs).toBeLessThan(10000);
  });

  describe("that no registry would start with", () => {
    const broken: RegistryContainerProps = { relativeUrls: true, configOverrides: { log: { level: "loud" } } };

    it("fails the deploy with the registry's own words", async () => {
      const before = await registry();
      const client = new SteadyClient(catalog());
      // Terraform wraps the words at its own width.
      await expect(deploy(broken)).rejects.toThrow(/invalid\s+(│\s+)?loglevel\s+(│\s+)?loud/);
      await new Promise((resolve) => setTimeout(resolve, 3000));
      await client.stop();
      expect(client.failures).toEqual([]);
      expect(await registry()).toEqual(before);
      await expectRelativeUrls(false);
    });

    it("shows in the registry's health", async () => {
      await eventually(async () => expect((await state()).Health.Status).toBe("unhealthy"), 40000, 500);
    });

    it("is not what it starts with when it is started again", async () => {
      await execa("docker", ["restart", `${deployment.id}-registry`]);
      await expectRelativeUrls(false);
    });

    it("leaves no trace when it is mended", async () => {
      const before = await registry();
      await deploy({ relativeUrls: true });
      await expectRelativeUrls(true);
      await eventually(async () => expect((await state()).Health.Status).toBe("healthy"), 20000, 500);
      expect(await registry()).toEqual(before);
      expect(await deployment.planIsEmpty()).toBe(true);
    });
  });

  it("that only the registry's own container can refuse is not taken over either", async () => {
    const before = await registry();
    const client = new SteadyClient(catalog());
    // The writer can make such a folder, the registry on its read-only file system cannot.
    const htpasswd = { realm: "Registry", path: "/nowhere/htpasswd" };
    const old = await files();
    const refused = new RegExp(`the\\s+container\\s+${deployment.id}-registry:\\s+refused`);
    await expect(deploy({ relativeUrls: true, configOverrides: { auth: { htpasswd } } })).rejects.toThrow(refused);
    expect(await files()).toBe(old);
    await eventually(async () => expect((await state()).Health.Status).toBe("unhealthy"), 40000, 500);
    await client.stop();
    expect(client.failures).toEqual([]);
    await deploy({ relativeUrls: true });
    await eventually(async () => expect((await state()).Health.Status).toBe("healthy"), 20000, 500);
    expect(await registry()).toEqual(before);
  });

  it("leaves it to end by itself when it is stopped", async () => {
    await execa("docker", ["stop", "--time", "20", `${deployment.id}-registry`]);
    expect((await state()).ExitCode).toBe(0);
    await execa("docker", ["start", `${deployment.id}-registry`]);
    await expectRelativeUrls(true);
  });

  if (props.listener) {
    const status = async () => (await request(catalog())).status;

    it("leaves the registry to be found by an nginx that was started without it", () =>
      expectProxyToStartAlone(deployment, status));

    it("leaves the registry to be found by the nginx of before when it is made anew and has another address", () =>
      expectAnotherAddressToBeFound(deployment, status));
  }

  it("leaves the container to end with its process, and to be started again", async () => {
    const before = await registry();
    await execa("docker", ["exec", `${deployment.id}-registry`, "sh", "-c", "kill -9 $(pidof registry)"]);
    await eventually(async () => expect((await registry()).startedAt).not.toBe(before.startedAt), 20000);
    await expectRelativeUrls(true);
  });
});
