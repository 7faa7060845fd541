import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { Crane, DockerClient } from "../../testing/clients/clients";
import { request } from "../../testing/clients/http";
import { digestsBelow, MiB, TestImage } from "../../testing/clients/images";
import { Redis } from "../../testing/clients/redis-cli";
import { Deployment } from "../../testing/machine/deployment";
import { freePorts } from "../../testing/machine/ports";
import { shippedEnvironment } from "../../testing/stacks/shipped-environment";

/** An environment whose whole stack no other test deploys. */
interface Deployed {
  readonly deployment: Deployment;
  readonly host: string;
  readonly crane: Crane;
  readonly docker: DockerClient;
  /** Generated passwords by user. */
  readonly users: Record<string, string>;
  readonly ca?: string;
}

const NAMES = ["http-auth", "reencrypt", "cached"] as const;
const WITH_USERS = ["http-auth", "reencrypt"] as const;

const deployments: Deployment[] = [];
const deployed: { [name: string]: Deployed } = {};
const tagged: string[] = [];
let image: TestImage;

beforeAll(async () => {
  const ports = await freePorts(NAMES.length);
  // Side by side: most of a deploy is waiting for containers.
  await Promise.all(
    NAMES.map(async (name, i) => {
      const deployment = Deployment.of(`env-${name}`, shippedEnvironment(name, ports[i]));
      deployments.push(deployment);
      await deployment.apply();
      const { users = {}, ca_certificate: ca } = await deployment.outputs();
      const caFile = path.join(deployment.directory, "ca.crt");
      if (ca) {
        fs.writeFileSync(caFile, ca as string);
      }
      deployed[name] = {
        deployment,
        host: `localhost:${ports[i]}`,
        crane: new Crane(deployment.directory, ca ? { ca: caFile } : {}),
        docker: new DockerClient(deployment.directory),
        users: users as Record<string, string>,
        ca: ca as string | undefined,
      };
    }),
  );
  image = await TestImage.create(path.join(deployments[0].directory, "image"), { layers: [MiB, 100] });
});
afterAll(async () => {
  if (tagged.length > 0) {
    await execa("docker", ["image", "rm", "--force", ...tagged], { reject: false });
  }
  await Promise.all(deployments.map((deployment) => deployment.cleanUp()));
});

const expectImage = async (pulled: string) => {
  const digests = await digestsBelow(pulled);
  expect(image.blobs.filter(({ digest }) => !digests.has(digest))).toEqual([]);
};

describe.each(WITH_USERS)("the environment %s, whose registry checks its users", (name) => {
  const login = (user: string, password = deployed[name].users[user]) => ({ user, password });

  it("lets docker log in, push and pull, and tells it what it may not", async () => {
    const { docker, host } = deployed[name];
    const [app, other] = [`${host}/by/docker:1`, `${host}/by/reader:1`];
    tagged.push(app, other);
    await image.load(app);
    await docker.tag(app, other);

    await expect(docker.push(app)).rejects.toThrow(/no basic auth credentials|authentication required|unauthorized/);
    await expect(docker.login(host, login("developer", "wrong"))).rejects.toThrow(/unauthorized|401/);
    await expect(docker.login(host, login("developer"))).resolves.toMatch(/Login Succeeded/);
    await docker.push(app);

    await docker.login(host, login("reader"));
    await expect(docker.push(other)).rejects.toThrow(/denied.*this user may only pull/);
    await docker.remove(app, other);
    await docker.pull(app);
    expect(await docker.imageId(app)).toBe(image.config.digest);
    await docker.logout(host);
    await docker.remove(app);
    await expect(docker.pull(app)).rejects.toThrow(/^docker pull ended with 1/);
  });

  it("lets crane log in, push and pull, and tells it what it may not", async () => {
    const { crane, host, deployment } = deployed[name];
    const app = `${host}/by/crane:1`;
    await expect(crane.push(image.directory, app)).rejects.toThrow(/401 Unauthorized/);
    await crane.login(host, login("developer"));
    await crane.push(image.directory, app);
    await crane.login(host, login("reader"));
    await expect(crane.push(image.directory, `${host}/by/reader:1`)).rejects.toThrow(/DENIED.*this user may only pull/);
    const pulled = path.join(deployment.directory, "pulled");
    await crane.pull(app, pulled);
    await expectImage(pulled);
  });
});

describe("the environment cached, the whole of a configuration that was written by hand", () => {
  const exec = async (...args: string[]) =>
    (await execa("docker", ["exec", `${deployed.cached.deployment.id}-registry`, ...args])).stdout;

  it("takes and gives an image, and finds it in Redis", async () => {
    const { crane, host, deployment } = deployed.cached;
    const pulled = path.join(deployment.directory, "pulled");
    await crane.push(image.directory, `${host}/team/app:1`);
    await crane.pull(`${host}/team/app:1`, pulled);
    await expectImage(pulled);
    expect(await new Redis(`${deployment.id}-cache`).keys()).toContain(`blobs::${image.layers[0].digest}`);
  });

  it("runs version 2 with the settings that were written by hand", async () => {
    expect(await exec("registry", "--version")).toMatch(/ v?2\.\d/);
    const text = await exec("cat", "/config/current/config.yml");
    for (const line of [
      "level: debug",
      "environment: development",
      "- panic",
      "addr: mail.example.com:25",
      "maxidle: 16",
      "maxactive: 64",
      "idletimeout: 300s",
      "dialtimeout: 10ms",
      "readtimeout: 10ms",
      "writetimeout: 10ms",
      "name: local-8083",
      "threshold: 10",
      "dryrun: false",
      "interval: 10s",
    ]) {
      expect(text).toContain(line);
    }
  });

  it("logs at the level and with the fields of it, and answers with its header", async () => {
    const { host, ca, deployment } = deployed.cached;
    const { status, headers } = await request(`https://${host}/v2/team/app/tags/list`, { address: "127.0.0.1", ca });
    expect(status).toBe(200);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    const { all } = await execa("docker", ["logs", `${deployment.id}-registry`], { all: true });
    expect(all).toMatch(/level=debug .*environment=development .*service=registry/);
  });

  it("refuses clients that speak the protocol of before", async () => {
    const { host, ca } = deployed.cached;
    const old = { address: "127.0.0.1", ca, headers: { "User-Agent": "docker/1.5.0 go/go1.3.3" } };
    expect((await request(`https://${host}/v2/`, old)).status).toBe(404);
  });
});

it("an environment keeps its images when somebody destroys it", async () => {
  const { deployment } = deployed.cached;
  const before = await deployment.leftovers();
  // Terraform wraps the words at its own width.
  await expect(deployment.destroy()).rejects.toThrow(/Instance\s+(│\s+)?cannot\s+(│\s+)?be\s+(│\s+)?destroyed/);
  expect(before).toContainEqual({ kind: "volume", name: `${deployment.id}-registry-data` });
  expect(await deployment.leftovers()).toEqual(before);
});
