import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { LoginPlace } from "../../lib";
import { MiB, TestImage } from "../../testing/clients/images";
import { freePort } from "../../testing/machine/ports";
import { AuthenticatedRegistry, VARIANTS } from "../../testing/stacks/authenticated-registry";

describe.each(Object.entries(VARIANTS))("users that %s checks", (_, variant) => {
  let registry: AuthenticatedRegistry;
  let image: TestImage;
  const images: string[] = [];

  const login = (user: string, password = registry.password(user)) => ({ user, password });

  beforeAll(async () => {
    registry = new AuthenticatedRegistry(variant, await freePort());
    await registry.deploy();
    image = await TestImage.create(path.join(registry.deployment.directory, "image"), { layers: [MiB, 100] });
  });
  afterAll(async () => {
    if (images.length > 0) {
      await registry.clients("docker").docker.remove(...images);
    }
    await registry?.deployment.cleanUp();
  });

  describe("with docker", () => {
    it("are let in with the right password, and not with a wrong one", async () => {
      const { docker } = registry.clients("docker");
      for (const user of ["ci", "reader", "carol", "dave"]) {
        await expect(docker.login(registry.host, login(user))).resolves.toMatch(/Login Succeeded/);
        await expect(docker.login(registry.host, login(user, "wrong"))).rejects.toThrow(/unauthorized|401/);
      }
    });

    it("push when they may, and are told why when they may only pull", async () => {
      const { docker } = registry.clients("docker");
      const name = `${registry.host}/by/docker:1`;
      const other = `${registry.host}/by/reader:1`;
      images.push(name, other);
      await image.load(name);
      await docker.tag(name, other);

      await docker.login(registry.host, login("ci"));
      await docker.push(name);

      await docker.login(registry.host, login("reader"));
      await expect(docker.push(other)).rejects.toThrow(/denied.*this user may only pull/);
      await docker.remove(name, other);
      await docker.pull(name);
      expect(await docker.imageId(name)).toBe(image.config.digest);

      await docker.logout(registry.host);
      await docker.remove(name);
      await expect(docker.pull(name)).rejects.toThrow(/^docker pull ended with 1/);
    });
  });

  it("push and pull with crane, or are told why not", async () => {
    const { crane, directory } = registry.clients("crane");
    const name = `${registry.host}/by/crane:1`;
    await expect(crane.push(image.directory, name)).rejects.toThrow(/401 Unauthorized/);
    await crane.login(registry.host, login("carol"));
    await crane.push(image.directory, name);
    await crane.login(registry.host, login("dave"));
    await crane.pull(name, path.join(directory, "pulled"));
    await expect(crane.push(image.directory, `${registry.host}/by/dave:1`)).rejects.toThrow(
      /DENIED.*this user may only pull/,
    );
    await crane.login(registry.host, login("dave", "wrong"));
    await expect(crane.run(["digest", name])).rejects.toThrow(/401|UNAUTHORIZED/);
  });

  it("push and pull with skopeo, or are told why not", async () => {
    const { skopeo, directory } = registry.clients("skopeo");
    const name = `${registry.host}/by/skopeo:1`;
    await expect(skopeo.push(image.directory, name)).rejects.toThrow(/authentication required/);
    await expect(skopeo.login(registry.host, login("ci", "wrong"))).rejects.toThrow(/invalid username\/password/);
    await skopeo.login(registry.host, login("ci"));
    await skopeo.push(image.directory, name);
    await skopeo.login(registry.host, login("reader"));
    await skopeo.pull(name, path.join(directory, "pulled"));
    await expect(skopeo.push(image.directory, `${registry.host}/by/reader:1`)).rejects.toThrow(/denied/);
  });

  it.each([
    ["nothing", {}],
    ["a token", { headers: { Authorization: "Bearer abc" } }],
    ["a header cut short", { headers: { Authorization: "Basic" } }],
    ["no base64", { headers: { Authorization: "Basic :" } }],
    ["a wrong password", { as: ["ci", "wrong"] as [string, string] }],
    ["an empty password", { as: ["ci", ""] as [string, string] }],
    ["a made-up name", { as: ["mallory", "wrong"] as [string, string] }],
    ["the name of the decoy", { as: ["nobody", "of-this-name"] as [string, string] }],
  ])("are asked for name and password when a client sends %s", async (_, options) => {
    for (const where of ["/v2/", "/v2/by/crane/manifests/1"]) {
      const { status, headers, text } = await registry.get(where, options);
      expect(status).toBe(401);
      expect(headers["www-authenticate"]).toBe(`Basic realm="${registry.deployment.id} registry"`);
      expect(headers["docker-distribution-api-version"]).toBe("registry/2.0");
      expect(JSON.parse(text).errors[0].code).toBe("UNAUTHORIZED");
    }
  });

  it("are known by their exact name", async () => {
    const { status } = await registry.get("/v2/", { as: ["CI", registry.password("ci")] });
    expect(status).toBe(401);
  });

  it("who may only pull cannot write by any method, and strangers do not learn who they are", async () => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      const where = "/v2/by/crane/blobs/uploads/";
      const denied = await registry.get(where, { method, as: ["reader", registry.password("reader")] });
      expect(denied.status).toBe(403);
      expect(JSON.parse(denied.text).errors[0].code).toBe("DENIED");
      expect((await registry.get(where, { method, as: ["reader", "wrong"] })).status).toBe(401);
    }
  });

  it("leave no secret where one could look for it", async () => {
    const secrets = [...registry.secrets(), "$2a$10$"];
    const names = (await registry.deployment.leftovers()).filter(({ kind }) => kind === "container");
    const places: { [place: string]: string } = {
      "synth output": registry.deployment.configuration().replaceAll(registry.carolsHash, ""),
      "plan of a new password": (await registry.deployment.plan(registry.stack({ rotation: "2" }))).text,
    };
    for (const { name } of names) {
      const { stdout: settings } = await execa("docker", ["inspect", name]);
      const { all: logs } = await execa("docker", ["logs", name], { all: true });
      places[`inspect of ${name}`] = settings;
      places[`logs of ${name}`] = logs ?? "";
    }
    const memory = ["exec", `${registry.deployment.id}-proxy`, "find", "/tmp", "-type", "f", "-exec", "cat", "{}", "+"];
    places["the proxy's files"] = (await execa("docker", memory)).stdout;
    for (const [place, text] of Object.entries(places)) {
      expect({ place, found: secrets.filter((secret) => text.includes(secret)).length }).toEqual({ place, found: 0 });
    }
    if (variant.place === LoginPlace.PROXY) {
      // What is looked at above is where logins are remembered.
      expect(places["the proxy's files"]).toMatch(/^KEY: granted ci [0-9a-f]{16}$/m);
    }
  });

  it("have the same hashes after a second deploy: its plan is empty", async () => {
    const { isEmpty, text } = await registry.deployment.plan(registry.stack());
    expect(isEmpty ? "" : text).toBe("");
  });

  it("see their registry's state and trust in files that only its owner can read", () => {
    expect(fs.statSync(registry.deployment.directory).mode & 0o077).toBe(0);
  });
});
