import fs from "node:fs";
import path from "node:path";
import type { App } from "cdktf";
import execa from "execa";
import {
  Access,
  ContainerImage,
  GarbageCollection,
  HtpasswdUser,
  LoginPlace,
  type NginxProxy,
  type NginxProxyOptions,
  PublicEndpoint,
  RegistryImage,
} from "../../lib";
import {
  AuthenticatedRegistryStack,
  CachedRegistryStack,
  HttpRegistryStack,
  HttpsRegistryStack,
  MirrorRegistryStack,
  ReencryptedRegistryStack,
  type RegistryImages,
  type RegistryStack,
} from "../../stacks";
import { Crane } from "../../testing/clients/clients";
import { basicAuth, request } from "../../testing/clients/http";
import { digestsBelow, MiB, TestImage } from "../../testing/clients/images";
import { Deployment, type StackFactory } from "../../testing/machine/deployment";
import { inspect, processOf } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePorts } from "../../testing/machine/ports";
import { maintain } from "../../testing/rounds/collectors";
import { buildStandIns, standIn } from "../../testing/stand-in-images/build";

/** What the second deploy changes: a setting of the proxy, and a user's password where there are users. */
interface Change {
  readonly rotation?: string;
  readonly proxy?: NginxProxyOptions;
}

interface Variant {
  readonly nginx: string;
  readonly hasUsers?: boolean;
  readonly stack: (app: App, id: string, props: VariantProps) => RegistryStack;
}

type VariantProps = ReturnType<typeof propsOf>;

/** What all stacks of a variant are given; `http` and `https` are the two endpoints that it can have. */
function propsOf(nginx: string, port: number, { proxy, rotation }: Change) {
  const images: RegistryImages = {
    registry: RegistryImage.of(standIn("registry-v3"), 3),
    registryV2: RegistryImage.of(standIn("registry-v2"), 2),
    nginx: ContainerImage.of(standIn(nginx)),
    redis: ContainerImage.of(standIn("redis")),
    restic: ContainerImage.of(standIn("restic")),
  };
  const common = { images, proxy, protectData: false };
  return {
    http: { ...common, endpoint: PublicEndpoint.http({ host: "localhost", port }) },
    https: { ...common, endpoint: PublicEndpoint.https({ host: "localhost", port }) },
    users: [HtpasswdUser.generated("developer", { access: Access.PUSH, rotation }), HtpasswdUser.generated("reader")],
  };
}

const maintenance = GarbageCollection.of({ graceMinutes: 0 });

/** Each variant of a registry, and each image for nginx at least twice. */
const VARIANTS: { readonly [word: string]: Variant } = {
  http: {
    nginx: "nginx-busybox-slim",
    stack: (app, id, { http }) => new HttpRegistryStack(app, id, { ...http, registry: { maintenance } }),
  },
  https: {
    nginx: "nginx-openssl-3.0",
    // The further name is for the mirror, which joins the network of this one's proxy.
    stack: (app, id, { https }) => new HttpsRegistryStack(app, id, { ...https, alternativeNames: [`${id}-proxy`] }),
  },
  httpauth: {
    nginx: "nginx-busybox",
    hasUsers: true,
    stack: (app, id, { http, users }) =>
      new AuthenticatedRegistryStack(app, id, { ...http, users, loginPlace: LoginPlace.REGISTRY }),
  },
  httpsauth: {
    nginx: "nginx-busybox-slim",
    hasUsers: true,
    stack: (app, id, { https, users }) =>
      new AuthenticatedRegistryStack(app, id, { ...https, users, redisCache: true }),
  },
  reencrypt: {
    nginx: "nginx-openssl-3.0",
    hasUsers: true,
    stack: (app, id, { https, users }) =>
      new ReencryptedRegistryStack(app, id, { ...https, users, registry: { maintenance } }),
  },
  cached: {
    nginx: "nginx-busybox",
    stack: (app, id, { https }) =>
      new CachedRegistryStack(app, id, { ...https, version2: true, registry: { maintenance } }),
  },
};

/** A variant that is deployed, and what its outputs say. */
class DeployedVariant {
  public readonly deployment: Deployment;
  private outputs: { users?: Record<string, string>; ca_certificate?: string } = {};

  public constructor(
    public readonly word: string,
    public readonly variant: Variant,
    public readonly port: number,
  ) {
    this.deployment = Deployment.of(`made${word}`, this.factory());
  }

  public async deploy(change: Change = {}): Promise<void> {
    await this.deployment.apply(this.factory(change));
    this.outputs = await this.deployment.outputs();
    fs.writeFileSync(this.file("ca.crt"), this.ca ?? "");
  }

  public get ca(): string | undefined {
    return this.outputs.ca_certificate;
  }

  public password(user = "developer"): string {
    return this.outputs.users?.[user] ?? "";
  }

  public file(name: string): string {
    return path.join(this.deployment.directory, name);
  }

  public crane(): Crane {
    return new Crane(this.deployment.directory, this.ca ? { ca: this.file("ca.crt") } : {});
  }

  public async login(user: string): Promise<void> {
    if (this.variant.hasUsers) {
      await this.crane().login(`localhost:${this.port}`, { user, password: this.password(user) });
    }
  }

  /** The status of an upload of so many bytes. */
  public async upload(size: number, password = this.password()): Promise<number> {
    const url = `${this.ca ? "https" : "http"}://localhost:${this.port}/v2/team/app/blobs/uploads/`;
    const headers = this.variant.hasUsers ? { Authorization: basicAuth("developer", password) } : {};
    return (await request(url, { method: "POST", body: Buffer.alloc(size), headers, ca: this.ca })).status;
  }

  public async mounts(): Promise<string[]> {
    const containers = (await this.deployment.leftovers()).filter(({ kind }) => kind === "container");
    const mounts = await Promise.all(containers.map(async ({ name }) => (await inspect(name)).Mounts));
    return mounts.flat().map(({ Name }: { Name: string }) => Name);
  }

  private factory(change: Change = {}): StackFactory {
    return (app, id) => this.variant.stack(app, id, propsOf(this.variant.nginx, this.port, change));
  }
}

describe("on images as their maintainers publish them", () => {
  const deployed = new Map<string, DeployedVariant>();
  const each = <T>(work: (one: DeployedVariant) => Promise<T>) =>
    Promise.all([...deployed.values()].map(async (one) => [one.word, await work(one)] as const)).then(
      Object.fromEntries,
    );
  const same = <T>(value: T) => Object.fromEntries([...deployed.keys()].map((word) => [word, value]));
  let image: TestImage;
  let processes: Awaited<ReturnType<typeof proxies>>;

  const proxies = () => each(({ deployment }) => processOf(`${deployment.id}-proxy`));

  beforeAll(async () => {
    await buildStandIns();
    const ports = await freePorts(Object.keys(VARIANTS).length + 1);
    for (const [index, [word, variant]] of Object.entries(VARIANTS).entries()) {
      deployed.set(word, new DeployedVariant(word, variant, ports[index]));
    }
    await each((one) => one.deploy());
    const source = deployed.get("https") as DeployedVariant;
    image = await TestImage.create(source.file("image"), { layers: [MiB, 100] });

    const upstream = () => ({
      url: `https://${source.deployment.id}-proxy:8443`,
      caCertificatePem: source.ca,
      networkNames: [`${source.deployment.id}-proxy`],
    });
    const mirror: Variant = {
      nginx: "nginx-openssl-3.0",
      stack: (app, id, { https }) => new MirrorRegistryStack(app, id, { ...https, upstream }),
    };
    deployed.set("mirror", new DeployedVariant("mirror", mirror, ports[ports.length - 1]));
    await deployed.get("mirror")?.deploy();
  });
  afterAll(async () => {
    // The mirror first: it is on the network of another.
    for (const one of [...deployed.values()].reverse()) {
      await one.deployment.cleanUp();
    }
  });

  it.each([...Object.keys(VARIANTS), "mirror"])("%s takes an image and gives it back", async (word) => {
    const one = deployed.get(word) as DeployedVariant;
    const name = `localhost:${one.port}/team/app:1`;
    if (word !== "mirror") {
      await one.login("developer");
      await one.crane().push(image.directory, name);
      await one.login("reader");
    }
    await one.crane().pull(name, one.file("pulled"));
    const digests = await digestsBelow(one.file("pulled"));
    expect(image.blobs.filter(({ digest }) => !digests.has(digest))).toEqual([]);
  });

  it.each([
    { word: "http", manifests: "registry", blobs: "files" },
    { word: "cached", manifests: "registry", blobs: "files" },
    { word: "https", manifests: "files", blobs: "files" },
    { word: "reencrypt", manifests: "registry", blobs: "registry" },
    { word: "httpauth", manifests: "registry", blobs: "registry" },
  ])(
    "$word answers pulls of manifests from the $manifests, of blobs from the $blobs",
    async ({ word, ...expected }) => {
      const { deployment } = deployed.get(word) as DeployedVariant;
      await eventually(async () => {
        const { stdout } = await execa("docker", ["logs", `${deployment.id}-proxy`]);
        const answered = (what: string) =>
          stdout.match(new RegExp(`"GET /v2/team/app/${what} HTTP/1.1" 200 .*answered_by=(\\w+)$`, "m"))?.[1];
        const pulled = { manifests: answered("manifests/1"), blobs: answered(`blobs/${image.layers[0].digest}`) };
        expect(pulled).toEqual(expected);
      }, 5000);
      if (expected.manifests === "registry" && expected.blobs === "files") {
        const { stdout } = await execa("docker", ["logs", `${deployment.id}-proxy-config-writer`]);
        expect(stdout).toContain("the image has no njs");
      }
    },
  );

  it.each(["http", "reencrypt", "cached"])("%s collects garbage, and undoes it", async (word) => {
    const one = deployed.get(word) as DeployedVariant;
    const name = `localhost:${one.port}/team/garbage`;
    const garbage = await TestImage.create(one.file("garbage"), { layers: [200], seed: word });
    await one.login("developer");
    await one.crane().push(garbage.directory, `${name}:1`);
    await one.crane().run(["delete", `${name}@${garbage.manifest.digest}`]);
    const registry = `${one.deployment.id}-registry`;
    expect(await maintain(registry, "collect")).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining("moved into the trash: 3 blobs"),
    });
    expect(await maintain(registry, "undo")).toMatchObject({ exitCode: 0 });
    expect((await maintain(registry, "check")).output).toContain("no fault");
    expect(await one.upload(0)).toBe(202);
  });

  it("offers the key exchange that the image's OpenSSL knows", async () => {
    const groups = ({ deployment }: DeployedVariant) =>
      execa("docker", ["exec", `${deployment.id}-proxy`, "cat", "/config/current/tls/groups.conf"]);
    expect((await groups(deployed.get("https") as DeployedVariant)).stdout).toBe(
      "ssl_ecdh_curve X25519:prime256v1:secp384r1;",
    );
    expect((await groups(deployed.get("cached") as DeployedVariant)).stdout).toBe(
      "ssl_ecdh_curve X25519MLKEM768:X25519:prime256v1:secp384r1;",
    );
  });

  it.each(["http", "cached"])("%s logs what is not there in lines that can be told from real errors", async (word) => {
    const { deployment, port, ca } = deployed.get(word) as DeployedVariant;
    const ask = (what: string) => request(`${ca ? "https" : "http"}://localhost:${port}/v2/${what}`, { ca });
    expect((await ask("team/app/manifests/none")).status).toBe(404);
    expect((await ask("nobody/none/tags/list")).status).toBe(404);
    expect((await ask(`team/app/blobs/sha256:${"0".repeat(64)}`)).status).toBe(404);
    const { all } = await execa("docker", ["logs", `${deployment.id}-registry`], { all: true });
    const errors = (all ?? "").split("\n").filter((line) => /level=error.*response completed/.test(line));
    expect(errors.length).toBeGreaterThan(2);
    // As docs/operations.md tells it.
    expect(errors.filter((line) => !/err.code="?(manifest|blob|name) unknown/.test(line))).toEqual([]);
  });

  it("takes a changed configuration and a changed password over by the end of the deploy, in the same containers", async () => {
    processes = await proxies();
    const before = await each(async (one) => one.password());
    const pullOnly = { mirror: 405 };
    expect(await each((one) => one.upload(2 * MiB))).toEqual({ ...same(202), ...pullOnly });
    const results = await each(async (one) => {
      await one.deploy({ rotation: "2", proxy: { bodyLimitMiB: 1 } });
      return [await one.upload(2 * MiB), await one.upload(0), await one.upload(0, before[one.word])];
    });
    expect(results).toEqual({
      ...same([413, 202, 202]),
      mirror: [413, 405, 405],
      httpauth: [413, 202, 401],
      httpsauth: [413, 202, 401],
      reencrypt: [413, 202, 401],
    });
    expect(await proxies()).toEqual(processes);
  });

  it("has nothing more to change", async () => {
    expect(await each(({ deployment }) => deployment.planIsEmpty())).toEqual(same(true));
  });

  it("leaves nothing when it is destroyed, and no volume that an image asks for", async () => {
    const mounts = (await Promise.all([...deployed.values()].map((one) => one.mounts()))).flat();
    await deployed.get("mirror")?.deployment.destroy();
    await each((one) => (one.word === "mirror" ? Promise.resolve() : one.deployment.destroy()));
    expect(await each(({ deployment }) => deployment.leftovers())).toEqual(same([]));
    const { stdout } = await execa("docker", ["volume", "ls", "--quiet"]);
    expect(stdout.split("\n").filter((name) => mounts.includes(name))).toEqual([]);
  });
});

describe("a config writer", () => {
  let deployment: Deployment;
  let port: number;
  const http = (nginx: string, change: (stack: RegistryStack) => void = () => {}): StackFactory => {
    return (app, id) => {
      const stack = new HttpRegistryStack(app, id, propsOf(nginx, port, {}).http);
      change(stack);
      return stack;
    };
  };

  beforeAll(async () => {
    await buildStandIns();
    [port] = await freePorts(1);
  });
  afterAll(() => deployment?.cleanUp());

  // Terraform wraps words at its own width.
  it("says at once what the image lacks", async () => {
    deployment = Deployment.of("lacking", http("redis"));
    await expect(deployment.apply()).rejects.toThrow(/the\s+image\s+lacks:\s+nginx\s+curl-or-wget/);
    const containers = (await deployment.leftovers()).filter(({ kind }) => kind === "container");
    expect(containers.map(({ name }) => name)).not.toContain(`${deployment.id}-proxy`);
  });

  it("that ends with success and has done nothing fails the deploy", async () => {
    const idle = http("nginx-busybox", (stack) => {
      const { writer } = (stack.node.findChild("Default").node.findChild("Proxy") as NginxProxy).config;
      writer.addOverride("entrypoint", ["true"]);
    });
    await expect(deployment.apply(idle)).rejects.toThrow(/refused[\s\S]*The\s+config\s+writer\s+said\s+nothing/);
  });
});
