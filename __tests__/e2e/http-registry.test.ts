import path from "node:path";
import execa from "execa";
import { Crane } from "../../testing/clients/clients";
import { request } from "../../testing/clients/http";
import { digestsBelow, MiB, TestImage } from "../../testing/clients/images";
import { rawRequest } from "../../testing/clients/raw-request";
import { Deployment } from "../../testing/machine/deployment";
import { inspect } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePort } from "../../testing/machine/ports";
import { httpRegistry } from "../../testing/stacks/adjusted-registry";
import { smuggling } from "./smuggling";

describe("an HTTP registry", () => {
  let port: number;
  let registry: Deployment;
  let image: TestImage;

  const containers = async () => (await registry.leftovers()).filter(({ kind }) => kind === "container");

  beforeAll(async () => {
    port = await freePort();
    registry = Deployment.of("http", httpRegistry(port));
    await registry.apply();
    image = await TestImage.create(path.join(registry.directory, "image"), { layers: [2 * MiB, MiB] });
  });
  afterAll(() => registry?.cleanUp());

  it("tells where it is", async () => {
    expect(await registry.outputs()).toMatchObject({
      registry_url: `http://localhost:${port}`,
      registry_host: `localhost:${port}`,
    });
  });

  it("has nothing to change after its deploy", async () => {
    const { isEmpty, text } = await registry.plan();
    expect(isEmpty ? "" : text).toBe("");
  });

  it("takes and gives an image", async () => {
    const crane = new Crane(registry.directory);
    const pulled = path.join(registry.directory, "pulled");
    await crane.push(image.directory, `localhost:${port}/team/app:1`);
    await crane.pull(`localhost:${port}/team/app:1`, pulled);
    expect([...(await digestsBelow(pulled))]).toEqual(expect.arrayContaining(image.blobs.map(({ digest }) => digest)));
  });

  describe("sends uploads to the address that clients use", () => {
    const upload = (headers: Record<string, string> = {}, host = `localhost:${port}`) =>
      request(`http://localhost:${port}/v2/team/app/blobs/uploads/`, {
        method: "POST",
        address: "127.0.0.1",
        headers: { Host: host, "Content-Length": 0, ...headers },
      });

    it("with scheme, host and port", async () => {
      const { status, headers } = await upload();
      expect(status).toBe(202);
      expect(headers.location).toMatch(new RegExp(`^http://localhost:${port}/v2/team/app/blobs/uploads/`));
    });

    it.each([
      ["Forwarded", "host=evil.example;proto=https;for=1.2.3.4"],
      ["X-Forwarded-Host", "evil.example"],
      ["X-Forwarded-Proto", "https"],
      ["X-Forwarded-Port", "1"],
    ])("whatever %s a client forges", async (name, value) => {
      const { status, headers } = await upload({ [name]: value });
      expect(status).toBe(202);
      expect(headers.location).toMatch(new RegExp(`^http://localhost:${port}/v2/team/app/blobs/uploads/`));
    });

    it("under the name that the client knows it by", async () => {
      const { headers } = await upload({}, `127.0.0.1:${port}`);
      expect(headers.location).toMatch(new RegExp(`^http://127.0.0.1:${port}/v2/`));
    });
  });

  it("gets no request that its proxy has not seen as one", async () => {
    const attempts = smuggling("http");
    const plain = "POST /v2/smuggled/plain/blobs/uploads/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
    const texts = [...attempts.values()].map(({ text }) => text);
    await Promise.all([plain, ...texts].map((text) => rawRequest(`http://localhost:${port}`, undefined, text, 2000)));
    const repositories = "/var/lib/registry/docker/registry/v2/repositories/smuggled";
    const { stdout } = await execa("docker", ["exec", `${registry.id}-registry`, "ls", repositories]);
    const reached = stdout.split("\n");
    expect(reached).toContain("plain");
    await eventually(async () => {
      const { all } = await execa("docker", ["logs", `${registry.id}-proxy`], { all: true });
      const seen = [...(all ?? "").matchAll(/"POST \/v2\/smuggled\/(\w+)\/blobs\/uploads\/ HTTP\/1.1" 202/g)];
      expect(reached.filter((name) => !seen.some(([, logged]) => logged === name))).toEqual([]);
    }, 10000);
  });

  it("serves nothing but the registry's API", async () => {
    const { status } = await request(`http://localhost:${port}/`, { address: "127.0.0.1" });
    expect(status).toBe(404);
  });

  it("names its API version, also where nginx answers by itself", async () => {
    for (const where of ["/v2/", "/"]) {
      const { headers } = await request(`http://localhost:${port}${where}`, { address: "127.0.0.1" });
      expect(headers["docker-distribution-api-version"]).toBe("registry/2.0");
    }
  });

  it("publishes the proxy's port and no other", async () => {
    const published: unknown[] = [];
    for (const { name } of await containers()) {
      const bindings = Object.values((await inspect(name)).HostConfig.PortBindings ?? {}).flat();
      published.push(...bindings);
    }
    expect(published).toEqual([{ HostIp: "127.0.0.1", HostPort: String(port) }]);
  });

  it("runs the registry without a network", async () => {
    const { HostConfig, NetworkSettings } = await inspect(`${registry.id}-registry`);
    expect(HostConfig.NetworkMode).toBe("none");
    expect(Object.keys(NetworkSettings.Networks)).toEqual(["none"]);
  });

  it.each(["registry", "proxy"])("runs the %s with nothing that it does not need", async (name) => {
    const { Config, HostConfig, State } = await inspect(`${registry.id}-${name}`);
    expect(State.Health.Status).toBe("healthy");
    expect(Config.User).toBe("65532:65532");
    expect(HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      Privileged: false,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      RestartPolicy: { Name: "unless-stopped" },
      LogConfig: { Type: "json-file", Config: { "max-size": expect.any(String), "max-file": expect.any(String) } },
    });
    expect(HostConfig.CapAdd ?? []).toEqual([]);
    expect(Config.StopTimeout).toBeGreaterThan(10);
  });

  it("leaves no container, network or volume when it is destroyed", async () => {
    await registry.destroy();
    expect(await registry.leftovers()).toEqual([]);
  });
});
