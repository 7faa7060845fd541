import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { images } from "../../environments/images";
import { LoginPlace } from "../../lib";
import { basicAuth } from "../../testing/clients/http";
import { MiB, TestImage } from "../../testing/clients/images";
import { rawRequest } from "../../testing/clients/raw-request";
import { freePort } from "../../testing/machine/ports";
import { AuthenticatedRegistry, VARIANTS } from "../../testing/stacks/authenticated-registry";
import { smuggling } from "./smuggling";
import { hiddenBehindPulls, intrusions, METHODS, pathsOf, WRITES, wrongLogins } from "./users-intrusions";

describe.each(Object.entries(VARIANTS))("users that %s checks", (_, variant) => {
  let registry: AuthenticatedRegistry;
  let image: TestImage;
  const loaded: string[] = [];

  const login = (user: string, password = registry.password(user)) => ({ user, password });

  beforeAll(async () => {
    registry = new AuthenticatedRegistry(variant, await freePort());
    await registry.deploy();
    image = await TestImage.create(path.join(registry.deployment.directory, "image"), { layers: [MiB, 100] });
  });
  afterAll(async () => {
    if (loaded.length > 0) {
      await registry.clients("docker").docker.remove(...loaded);
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
      loaded.push(name, other);
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
    ["the name of the decoy", { as: ["-", ""] as [string, string] }],
  ])("are asked for name and password when a client sends %s", async (_, options) => {
    for (const where of ["/v2/", "/v2/by/crane/manifests/1"]) {
      const { status, headers, text } = await registry.get(where, options);
      expect(status).toBe(401);
      expect(headers["www-authenticate"]).toBe(`Basic realm="${registry.deployment.id} registry"`);
      expect(headers["docker-distribution-api-version"]).toBe("registry/2.0");
      expect(JSON.parse(text).errors[0].code).toBe("UNAUTHORIZED");
    }
  });

  it("may have names that mean something to nginx, or meant something here", async () => {
    const statuses = async (user: string, password: string) => {
      const read = await registry.get("/v2/by/crane/tags/list", { as: [user, password] });
      const write = await registry.get("/v2/by/crane/blobs/uploads/", { method: "POST", as: [user, password] });
      return [read.status, write.status];
    };
    expect(await statuses("default", registry.password("default"))).toEqual([200, 403]);
    expect(await statuses("nobody", "of-this-name")).toEqual([200, 403]);
    // That password let any made-up name in, and push, where somebody was called nobody.
    expect(await statuses("mallory", "of-this-name")).toEqual([401, 401]);
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

  describe("cannot be got round:", () => {
    let digest: string;
    let before: string[];

    /** Everything that the registry keeps, uploads that were only begun too. */
    const stored = async () => {
      const find = ["exec", `${registry.deployment.id}-registry`, "find", "/var/lib/registry", "-type", "f"];
      return (await execa("docker", find)).stdout.split("\n").sort();
    };
    const raw = (text: string) => rawRequest(registry.url("/").url, registry.url("/").ca, text);

    beforeAll(async () => {
      digest = image.manifest.digest;
      before = await stored();
      expect(before.length).toBeGreaterThan(5);
    });
    afterAll(async () => {
      expect(await stored()).toEqual(before);
    });

    it("nothing is open without a login, whatever method and path", async () => {
      const open: unknown[] = [];
      for (const method of METHODS) {
        for (const where of pathsOf(digest)) {
          const { status } = await registry.get(where, { method });
          open.push(...(status === 401 ? [] : [{ method, where, status }]));
        }
      }
      expect(open).toEqual([]);
    });

    it("a user who may only pull cannot write, whatever method and path", async () => {
      const allowed: unknown[] = [];
      for (const method of WRITES) {
        for (const where of pathsOf(digest)) {
          const { status } = await registry.get(where, { method, as: ["reader", registry.password("reader")] });
          allowed.push(...(status === 403 ? [] : [{ method, where, status }]));
        }
      }
      expect(allowed).toEqual([]);
    });

    it("no name and no password that is nearly right is let in", async () => {
      const letIn: unknown[] = [];
      for (const [user, password] of wrongLogins(registry.password("ci"))) {
        const { status } = await registry.get("/v2/by/crane/tags/list", { as: [user, password] });
        letIn.push(...(status === 401 ? [] : [{ user, length: password.length, status }]));
      }
      expect(letIn).toEqual([]);
    });

    it("a user who may only pull gains nothing by odd methods, paths, headers and bodies", async () => {
      const reader = basicAuth("reader", registry.password("reader"));
      const answers: { [title: string]: number[] } = {};
      for (const [title, text] of Object.entries(intrusions(reader, basicAuth("ci", "wrong")))) {
        answers[title] = await raw(text);
      }
      // 501: a coding that nginx does not know.
      const isRefusal = (status: number) => (status >= 400 && status < 500) || status === 501;
      const odd = Object.entries(answers).filter(([, all]) => !all.every(isRefusal));
      expect(odd).toEqual([]);
    });

    it.each(["nobody", "a user who may only pull"])("no request is smuggled behind another one by %s", async (who) => {
      const login = who === "nobody" ? undefined : basicAuth("reader", registry.password("reader"));
      const { url, ca } = registry.url("/");
      const attempts = [...smuggling(login ? "reader" : "nobody", login).values()];
      const answers = await Promise.all(attempts.map(({ text }) => rawRequest(url, ca, text, 2000)));
      // What nginx saw as a request of its own was refused as one, and nothing was stored (see above).
      // 100: the outer one is asked for its body. 501: a coding that nginx does not know.
      const allowed = login ? [100, 200, 501] : [100, 501];
      const odd = answers.flat().filter((status) => !allowed.includes(status) && (status < 400 || status > 499));
      expect(odd).toEqual([]);
    });

    it("a push that hides in a pull is not answered", async () => {
      for (const [title, text] of Object.entries(hiddenBehindPulls(basicAuth("reader", registry.password("reader"))))) {
        expect({ title, answers: await raw(text) }).toEqual({ title, answers: [200] });
      }
    });
  });

  it("are not taken for users who may only pull while their file cannot be read, and are let in when it can", async () => {
    // Written in another way: not among those that are remembered.
    const headers = { Authorization: basicAuth("ci", registry.password("ci")).replace("Basic", "BASIC") };
    const move = async (from: string, to: string) => {
      const volume = `${registry.deployment.id}-proxy-config:/config`;
      const mv = ["--entrypoint=mv", images.nginx.reference, `/config/current/${from}`, `/config/current/${to}`];
      await execa("docker", ["run", "--rm", "--network=none", "--volume", volume, ...mv]);
    };
    await move("htpasswd", "away");
    const { status, text } = await registry.get("/v2/", { headers });
    await move("away", "htpasswd");
    expect({ status, code: JSON.parse(text).errors[0].code }).toEqual({ status: 503, code: "UNAVAILABLE" });
    expect((await registry.get("/v2/", { headers })).status).toBe(200);
  });

  it("leave no secret where one could look for it", async () => {
    const secrets = [...registry.secrets(), "$2a$10$"];
    const names = (await registry.deployment.leftovers()).filter(({ kind }) => kind === "container");
    const places: { [place: string]: string } = {
      "synth output": registry.writtenHashes.reduce(
        (text, hash) => text.replaceAll(hash, ""),
        registry.deployment.configuration(),
      ),
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
      expect(places["the proxy's files"]).toMatch(/^KEY: granted ci:push [0-9a-f]{16}$/m);
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
