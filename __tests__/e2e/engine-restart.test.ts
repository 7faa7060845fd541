import fs from "node:fs";
import path from "node:path";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import execa from "execa";
import { images } from "../../environments/images";
import { ClientTrust, NginxProxy, PublicEndpoint, SelfSignedCA } from "../../lib";
import { HttpRegistryStack } from "../../stacks";
import { Crane } from "../../testing/clients/clients";
import { digestsBelow, MiB, TestImage } from "../../testing/clients/images";
import { Deployment, type StackFactory } from "../../testing/machine/deployment";
import { trustInEngine } from "../../testing/machine/engine-host";
import { objectsOf, processOf } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { PrivateEngine } from "../../testing/machine/private-engine";
import { privateRegistryOf } from "../../testing/stacks/private-registry";

// In the engine's own network namespace all ports are free, and so are addresses that are not loopback ones.
const ADDRESS = "192.0.2.10";
const HTTP = PublicEndpoint.http({ host: ADDRESS, port: 5000, publishAddress: "0.0.0.0" });
const HTTPS = PublicEndpoint.https({ host: ADDRESS, port: 5443, publishAddress: ADDRESS });

/** The stack of the environment `http`, and a second way to its registry over TLS. */
function bothWays(engine: string): StackFactory {
  return (app, id) => {
    const stack = new HttpRegistryStack(app, id, { endpoint: HTTP, engine, images, protectData: false });
    new TlsProvider(stack, "Tls");
    const ca = new SelfSignedCA(stack, "CA");
    const { registry } = privateRegistryOf(stack);
    const certificate = ca.issueCertificate("Server", { endpoint: HTTPS });
    new NginxProxy(stack, "Secure", { image: images.nginx, endpoint: HTTPS, registry, certificate });
    new ClientTrust(stack, "SecureTrust", {
      endpoint: HTTPS,
      caCertificatePem: ca.certificatePem,
      directory: "client-trust/secure",
    });
    return stack;
  };
}

describe("a registry on an engine that is restarted", () => {
  let engine: PrivateEngine;
  let deployment: Deployment;
  let crane: Crane;
  let image: TestImage;
  let distrust = () => {};

  const processes = () =>
    Promise.all(["registry", "proxy", "secure"].map((name) => processOf(`${deployment.id}-${name}`, engine.host)));
  const trust = (...names: string[]) => path.join(deployment.directory, "client-trust", ...names);
  const fragment = (folder: string) => JSON.parse(fs.readFileSync(trust(folder, "daemon.json"), "utf8"));
  const docker = async (...args: string[]) => {
    const { all, exitCode } = await execa("docker", ["--host", engine.host, ...args], { reject: false, all: true });
    return { exitCode, all: all ?? "" };
  };

  beforeAll(async () => {
    // The engine is there before the deployment's folder is known to its stack.
    deployment = Deployment.of("restart", (app, id) => bothWays(engine.host)(app, id));
    engine = await PrivateEngine.start(path.join(deployment.directory, "engine"), { address: ADDRESS });
    await engine.copyImages([images.registry.reference, images.nginx.reference]);
    await deployment.apply();
    crane = new Crane(deployment.directory, { inside: () => engine.inside });
    image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [8 * MiB, MiB] });
    await crane.push(image.directory, "localhost:5000/library/app:1");
  });
  afterAll(async () => {
    distrust();
    await engine?.stop();
    await deployment?.cleanUp();
  });

  it("is not spoken to by dockerd that was told nothing", async () => {
    expect((await docker("pull", `${HTTP.hostPort}/library/app:1`)).all).toContain(
      "server gave HTTP response to HTTPS client",
    );
    expect((await docker("pull", "app:1")).exitCode).not.toBe(0);
  });

  it("answers again by itself", async () => {
    const before = await processes();
    engine.configure({ ...fragment(deployment.id), ...fragment("secure") });
    await engine.restart();
    await eventually(() => crane.run(["catalog", "localhost:5000"]), 30000);
    const after = await processes();
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(after.filter(({ startedAt }, i) => startedAt === before[i].startedAt)).toEqual([]);
  });

  it("still has its images", async () => {
    const pulled = path.join(deployment.directory, "pulled");
    await crane.pull("localhost:5000/library/app:1", pulled);
    const digests = await digestsBelow(pulled);
    expect(image.blobs.filter(({ digest }) => !digests.has(digest))).toEqual([]);
  });

  describe("whose daemon.json has what the clients' folders say", () => {
    const imageId = async (name: string) => (await docker("image", "inspect", "--format", "{{.Id}}", name)).all.trim();

    it("is the mirror from which dockerd pulls", async () => {
      expect((await docker("pull", "app:1")).all).not.toContain("Downloaded newer image");
      distrust = trustInEngine(HTTPS.hostPort, trust("secure", "ca.crt"));
      expect((await docker("pull", "app:1")).all).toContain("Downloaded newer image for app:1");
      expect(await imageId("app:1")).toBe(image.config.digest);
    });

    it("takes pushes over plain HTTP at an address that is not a loopback one", async () => {
      const name = `${HTTP.hostPort}/team/pushed:1`;
      await docker("tag", "app:1", name);
      expect(await docker("push", name)).toMatchObject({ exitCode: 0 });
      expect((await docker("image", "rm", "app:1", name)).exitCode).toBe(0);
      expect((await docker("pull", name)).exitCode).toBe(0);
      expect(await imageId(name)).toBe(image.config.digest);
    });
  });

  it("has nothing to change", async () => {
    const { isEmpty, text } = await deployment.plan();
    expect(isEmpty ? "" : text).toBe("");
  });

  it("is destroyed without a trace", async () => {
    await deployment.destroy();
    expect(await objectsOf((name) => name.startsWith(deployment.id), engine.host)).toEqual([]);
  });
});
