import path from "node:path";
import type { App } from "cdktf";
import execa from "execa";
import { images } from "../../environments/images";
import { MirrorContainer, NginxProxy, PublicEndpoint, RegistryMetrics, RegistryStorage } from "../../lib";
import { HttpRegistryStack } from "../../stacks";
import { Crane } from "../../testing/clients/clients";
import { digestsBelow, MiB, TestImage } from "../../testing/clients/images";
import { Deployment } from "../../testing/machine/deployment";
import { inspect, processOf } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { killProcesses } from "../../testing/machine/killing";
import { freePorts } from "../../testing/machine/ports";
import { removeDirectory } from "../../testing/machine/scratch";
import { privateRegistryOf } from "../../testing/stacks/private-registry";

/** Everything that stays up: registry, proxy, Redis, metrics, and a mirror with a proxy of its own. */
class WholeStack extends HttpRegistryStack {
  constructor(app: App, id: string, [port, mirrorPort]: number[]) {
    const endpoint = PublicEndpoint.http({ host: "localhost", port });
    super(app, id, { endpoint, images, protectData: false });
    const mirror = new MirrorContainer(this, "Mirror", {
      image: images.registry,
      storage: RegistryStorage.filesystem({ protectData: false }),
      upstream: { url: `http://${id}-proxy:8080`, networkNames: [`${id}-proxy`] },
    });
    mirror.node.addDependency(privateRegistryOf(this).proxy);
    const mirrorEndpoint = PublicEndpoint.http({ host: "localhost", port: mirrorPort });
    new NginxProxy(this, "MirrorProxy", { image: images.nginx, endpoint: mirrorEndpoint, registry: mirror });
  }

  protected override addRegistry() {
    const metrics = RegistryMetrics.prometheus({ image: images.nginx });
    return super.addRegistry({ redisCache: true, registryOptions: { metrics } });
  }
}

const ALL = ["registry", "proxy", "cache", "registry-metrics-door", "mirror", "mirror-proxy"];

describe("a registry whose containers die", () => {
  let host: string;
  let mirrorHost: string;
  let deployment: Deployment;
  let image: TestImage;
  let crane: Crane;

  const expectData = async (from = host) => {
    const pulled = path.join(deployment.directory, "pulled");
    removeDirectory(pulled);
    await crane.pull(`${from}/team/app:1`, pulled);
    const digests = await digestsBelow(pulled);
    removeDirectory(pulled);
    expect(image.blobs.filter(({ digest }) => !digests.has(digest))).toEqual([]);
  };

  const expectHealthy = async (name: string) => {
    expect((await inspect(`${deployment.id}-${name}`)).State.Health.Status).toBe("healthy");
  };

  beforeAll(async () => {
    const ports = await freePorts(2);
    [host, mirrorHost] = ports.map((port) => `localhost:${port}`);
    deployment = Deployment.of("killed", (app, id) => new WholeStack(app, id, ports));
    await deployment.apply();
    crane = new Crane(deployment.directory);
    image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [8 * MiB, MiB] });
    await crane.push(image.directory, `${host}/team/app:1`);
  });
  afterAll(() => deployment?.cleanUp());

  // The engine takes `docker kill` for a decision of its user and lets the container lie.
  it.each(["registry", "proxy"])("is whole again after `docker kill` of the %s and a deploy", async (name) => {
    await execa("docker", ["kill", `${deployment.id}-${name}`]);
    expect((await inspect(`${deployment.id}-${name}`)).State.Running).toBe(false);
    await deployment.apply();
    // Terraform starts it again, and does not wait as it does for a new one.
    await eventually(() => expectHealthy(name), 20000);
    await expectData();
    expect(await deployment.planIsEmpty()).toBe(true);
  });

  it.each<[string, string[], number]>([
    [
      "the proxy first, each up again before the next",
      ["proxy", "registry", "cache", "registry-metrics-door", "mirror", "mirror-proxy"],
      1.5,
    ],
    [
      "the mirror's side first, its upstream's proxy last",
      ["mirror-proxy", "mirror", "registry-metrics-door", "cache", "registry", "proxy"],
      0.3,
    ],
    ["all at once", ["cache", "mirror-proxy", "registry-metrics-door", "proxy", "mirror", "registry"], 0],
  ])("is whole again by itself after all its processes were killed, %s", async (_, order, pauseSeconds) => {
    expect([...order].sort()).toEqual([...ALL].sort());
    const containers = order.map((name) => `${deployment.id}-${name}`);
    const before = await Promise.all(containers.map((name) => processOf(name)));
    await killProcesses(containers, pauseSeconds);
    await eventually(async () => {
      const after = await Promise.all(containers.map((name) => processOf(name)));
      expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
      expect(after.filter(({ startedAt }, i) => startedAt === before[i].startedAt)).toEqual([]);
      await Promise.all(order.map(expectHealthy));
    }, 60000);
    await expectData();
    await expectData(mirrorHost);
    await crane.push(image.directory, `${host}/team/again:1`);
  });

  it("has nothing to change", async () => {
    expect(await deployment.planIsEmpty()).toBe(true);
  });
});
