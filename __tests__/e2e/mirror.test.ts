import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { images } from "../../environments/images";
import {
  Access,
  HtpasswdUser,
  MirrorContainer,
  type MirrorContainerProps,
  NginxProxy,
  PublicEndpoint,
  RegistryStorage,
} from "../../lib";
import { AuthenticatedRegistryStack, HttpRegistryStack, type RegistryStack } from "../../stacks";
import { mirrored } from "../../testing/checks/mirrored";
import { takenOver } from "../../testing/checks/taken-over";
import { Crane } from "../../testing/clients/clients";
import { request } from "../../testing/clients/http";
import { digestsBelow, TestImage } from "../../testing/clients/images";
import { Deployment, type StackFactory } from "../../testing/machine/deployment";
import { eventually } from "../../testing/machine/eventually";
import { freePorts } from "../../testing/machine/ports";
import { privateRegistryOf } from "../../testing/stacks/private-registry";

/** A mirror of the stack's registry, behind a proxy of its own. */
function addMirror(stack: RegistryStack, port: number, props: MirrorContainerProps): void {
  const registry = new MirrorContainer(stack, "Mirror", {
    storage: RegistryStorage.filesystem({ protectData: false }),
    ...props,
  });
  registry.node.addDependency(privateRegistryOf(stack).proxy);
  new NginxProxy(stack, "MirrorProxy", {
    image: images.nginx,
    endpoint: PublicEndpoint.http({ host: "localhost", port }),
    registry,
  });
}

describe("a mirror of a registry with a login and a CA of its own", () => {
  let host: string;
  let mirrorHost: string;
  let deployment: Deployment;
  let mirror: Crane;
  let image: TestImage;
  let late: TestImage;
  let withTtl: (ttl: string) => StackFactory;
  let pulls = 0;

  const docker = (...args: string[]) => execa("docker", args);
  const copies = () => mirrored(`${deployment.id}-mirror`);
  const pull = async (name = "team/app:1", expected = image) => {
    const pulled = path.join(deployment.directory, `pulled-${pulls++}`);
    await mirror.pull(`${mirrorHost}/${name}`, pulled);
    const digests = await digestsBelow(pulled);
    expect(expected.blobs.map(({ digest }) => digest).filter((digest) => !digests.has(digest))).toEqual([]);
  };

  beforeAll(async () => {
    const [port, mirrorPort] = await freePorts(2);
    host = `localhost:${port}`;
    mirrorHost = `localhost:${mirrorPort}`;
    const stackOf =
      (ttl?: string): StackFactory =>
      (app, id) => {
        const stack = new AuthenticatedRegistryStack(app, id, {
          endpoint: PublicEndpoint.https({ host: "localhost", port }),
          alternativeNames: [`${id}-proxy`],
          users: [HtpasswdUser.generated("ci", { access: Access.PUSH }), HtpasswdUser.generated("reader")],
          images,
          protectData: false,
        });
        addMirror(stack, mirrorPort, {
          image: images.registry,
          upstream: {
            url: `https://${id}-proxy:8443`,
            user: "reader",
            password: stack.registry.users?.passwords.reader,
            caCertificatePem: stack.registry.ca?.certificatePem,
            networkNames: [`${id}-proxy`],
          },
          ...(ttl ? { configOverrides: { proxy: { ttl } } } : {}),
        });
        return stack;
      };
    withTtl = stackOf;
    deployment = Deployment.of("mirror", stackOf());
    await deployment.apply();
    const { users, ca_certificate } = await deployment.outputs();
    const ca = path.join(deployment.directory, "ca.crt");
    fs.writeFileSync(ca, ca_certificate as string);
    const upstream = new Crane(deployment.directory, { ca });
    await upstream.login(host, { user: "ci", password: (users as Record<string, string>).ci });
    image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [100000, 200000, 0] });
    await upstream.push(image.directory, `${host}/team/app:1`);
    late = await TestImage.create(path.join(deployment.directory, "late"), { layers: [50000, 60000] });
    await upstream.push(late.directory, `${host}/team/late:1`);
    mirror = new Crane(deployment.directory);
  });
  afterAll(() => deployment?.cleanUp());

  it("refuses pushes and deletes", async () => {
    await expect(mirror.push(image.directory, `${mirrorHost}/team/other:1`)).rejects.toThrow(/UNSUPPORTED/);
    const { status } = await request(`http://${mirrorHost}/v2/team/app/manifests/${image.manifest.digest}`, {
      address: "127.0.0.1",
      method: "DELETE",
    });
    expect(status).toBe(405);
  });

  it("gives its copies while the upstream is stopped, also after a restart", async () => {
    expect(await copies()).toBe(0);
    await pull();
    await eventually(async () => expect(await copies()).toBe(image.blobs.length), 5000);
    await docker("stop", "--time", "1", `${deployment.id}-proxy`);
    try {
      await pull();
      await docker("restart", `${deployment.id}-mirror`);
      await eventually(() => pull(), 20000);
    } finally {
      await docker("start", `${deployment.id}-proxy`);
    }
  });

  it("forgets its copies in time, and fetches them again", async () => {
    await deployment.apply(withTtl("15s"));
    await takenOver(`${deployment.id}-mirror`);
    const { stdout } = await docker("exec", `${deployment.id}-mirror`, "cat", "/config/current/config.yml");
    expect(stdout).toContain("ttl: 15s");
    // Copies of before have their old time to live; another repository's manifest is a new one.
    await eventually(() => pull("team/late:1", late), 20000);
    const before = await copies();
    await eventually(async () => expect(await copies()).toBeLessThan(before), 40000, 1000);
    await pull("team/late:1", late);
  });
});

test("a mirror of version 2 gives its copies while an upstream that is open to all is stopped", async () => {
  const [port, mirrorPort] = await freePorts(2);
  const deployment = Deployment.of("mirror2", (app, id) => {
    const endpoint = PublicEndpoint.http({ host: "localhost", port });
    const stack = new HttpRegistryStack(app, id, { endpoint, images, protectData: false });
    addMirror(stack, mirrorPort, {
      image: images.registryV2,
      upstream: { url: `http://${id}-proxy:8080`, networkNames: [`${id}-proxy`] },
    });
    return stack;
  });
  try {
    await deployment.apply();
    const crane = new Crane(deployment.directory);
    const image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [100000, 200000] });
    await crane.push(image.directory, `localhost:${port}/team/app:1`);
    const pull = async (name: string) => {
      const pulled = path.join(deployment.directory, name);
      await crane.pull(`localhost:${mirrorPort}/team/app:1`, pulled);
      const digests = await digestsBelow(pulled);
      expect(image.blobs.filter(({ digest }) => !digests.has(digest))).toEqual([]);
    };
    await pull("first");
    await eventually(async () => expect(await mirrored(`${deployment.id}-mirror`)).toBe(image.blobs.length), 5000);
    await execa("docker", ["stop", "--time", "1", `${deployment.id}-proxy`]);
    await pull("second");
  } finally {
    await deployment.cleanUp();
  }
});
