import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import execa from "execa";
import { images } from "../../environments/images";
import { ExistingRedis, GarbageCollection, MailHookLevel } from "../../lib";
import { Crane } from "../../testing/clients/clients";
import { request } from "../../testing/clients/http";
import { TestImage } from "../../testing/clients/images";
import { selfSigned } from "../../testing/clients/openssl";
import { Deployment } from "../../testing/machine/deployment";
import { inspect } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePorts } from "../../testing/machine/ports";
import { runName } from "../../testing/machine/scratch";
import { maintain } from "../../testing/rounds/collectors";
import { MailServer } from "../../testing/servers/mail-server";
import { Neighbour, networkToMachine } from "../../testing/servers/neighbour";
import { TraceCollector } from "../../testing/servers/trace-collector";
import { composedRegistry, VERSIONS } from "../../testing/stacks/adjusted-registry";
import { secretVariable } from "../../testing/stacks/secret-variable";

const FLAG = "/var/lib/registry/out-of-service";
const REDIS_PASSWORD = "not-made-by-the-library";

describe.each(Object.entries(VERSIONS))("a registry of %s and what others run beside it", (_, registryImage) => {
  const major = registryImage.majorVersion;
  const word = `beside${major}`;
  const network = `${runName(word)}-side`;
  const redis = `${runName(word)}-redis`;
  let host: string;
  let registry: string;
  let deployment: Deployment;
  let neighbours: Neighbour[] = [];
  let web: Neighbour;
  let port: Neighbour;
  let mail: MailServer;
  let collector: TraceCollector;
  let probe: http.IncomingMessage | undefined;

  const docker = (...args: string[]) => execa("docker", args);
  const status = async () => (await request(`http://${host}/v2/`, { address: "127.0.0.1" })).status;
  const isBecoming = (expected: number, health: string) =>
    eventually(async () => {
      expect(await status()).toBe(expected);
      expect((await inspect(registry)).State.Health.Status).toBe(health);
    }, 30000);
  /** What a registry knows of its blobs, in a database that is not the first. */
  const known = async () => {
    const { stdout } = await docker("exec", redis, "redis-cli", "-a", REDIS_PASSWORD, "-n", "3", "--scan");
    return stdout.split("\n");
  };

  beforeAll(async () => {
    const [publicPort, webPort, tcpPort, mailPort, collectorPort] = await freePorts(5);
    host = `localhost:${publicPort}`;
    const machine = await networkToMachine(network);
    const user = major === 3 ? "registry" : undefined;
    deployment = Deployment.of(
      word,
      composedRegistry(publicPort, (stack) => ({
        image: registryImage,
        networkNames: [network],
        maintenance: GarbageCollection.of({ graceMinutes: 0 }),
        healthIntervalSeconds: 1,
        health: {
          files: [{ path: FLAG, intervalSeconds: 1 }],
          http: [
            {
              url: `http://${machine}:${webPort}/ready`,
              headers: { "X-Probe": ["registry"] },
              statusCode: 204,
              intervalSeconds: 1,
              threshold: 2,
            },
          ],
          tcp: [{ address: `${machine}:${tcpPort}`, timeoutSeconds: 1, intervalSeconds: 1, threshold: 2 }],
        },
        log: {
          mailHooks: [
            {
              levels: [MailHookLevel.ERROR],
              smtpAddress: `${machine}:${mailPort}`,
              smtpUser: "registry",
              smtpPassword: secretVariable(stack, "smtp_password"),
              sender: "registry@example.com",
              receivers: ["one@example.com", "two@example.com"],
            },
          ],
        },
        ...(major === 3
          ? { tracing: { otlpEndpoint: `http://${machine}:${collectorPort}`, serviceName: "the-one-under-test" } }
          : {}),
        trustedCaPem: fs.readFileSync(path.join(deployment.directory, "mail.crt"), "utf8"),
        cache: new ExistingRedis({
          address: `${redis}:6379`,
          user,
          password: secretVariable(stack, "redis_password"),
          database: 3,
          networkNames: [network],
        }),
      })),
      { env: { TF_VAR_smtp_password: "s3cret: #", TF_VAR_redis_password: REDIS_PASSWORD } },
    );
    const identity = await selfSigned(deployment.directory, "mail", machine);
    web = new Neighbour(webPort, () =>
      http.createServer((incoming, answer) => {
        probe = incoming;
        answer.writeHead(204).end();
      }),
    );
    port = new Neighbour(tcpPort, () => net.createServer());
    mail = new MailServer(mailPort, identity);
    collector = new TraceCollector(collectorPort);
    neighbours = [web, port, mail, collector];
    await Promise.all(neighbours.map((neighbour) => neighbour.listen()));
    const acl = user ? ["--user", user, "on", `>${REDIS_PASSWORD}`, "~*", "+@all"] : [];
    const run = ["run", "--detach", "--name", redis, "--network", network, images.redis.reference];
    await docker(...run, "redis-server", "--requirepass", REDIS_PASSWORD, ...acl);
    await deployment.apply();
    registry = `${deployment.id}-registry`;
  });
  afterAll(async () => {
    await Promise.all(neighbours.map((neighbour) => neighbour.close()));
    await deployment?.cleanUp();
  });

  it("knows its blobs from a Redis that was there before", async () => {
    const image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [1000] });
    const crane = new Crane(deployment.directory);
    await crane.push(image.directory, `${host}/team/app:1`);
    await crane.pull(`${host}/team/app:1`, path.join(deployment.directory, "pulled"));
    expect(await known()).toContain(`blobs::${image.layers[0].digest}`);
    if (major === 3) {
      const { stdout } = await docker("exec", redis, "redis-cli", "-a", REDIS_PASSWORD, "client", "list");
      expect(stdout).toMatch(/user=registry /);
    }
  });

  it("mails an error to all that are to know, after it has logged in over TLS", async () => {
    const { status } = await request(`http://${host}/v2/team/nothing/manifests/1`, { address: "127.0.0.1" });
    expect(status).toBe(404);
    const mails = () => mail.mails.filter(({ text }) => text.includes("http.request.uri: /v2/team/nothing/"));
    const [first] = await eventually(() => {
      expect(mails()).not.toEqual([]);
      return mails();
    }, 10000);
    expect(first).toMatchObject({
      user: "registry",
      password: "s3cret: #",
      from: "registry@example.com",
      to: ["one@example.com", "two@example.com"],
    });
    expect(first.text).toMatch(/^Subject: \[error\] /m);
  });

  if (major === 3) {
    it("traces its requests", async () => {
      const spans = () => collector.exports.filter(({ text }) => text.includes("GET /v2/team/app/manifests/1"));
      const [first] = await eventually(() => {
        expect(spans()).not.toEqual([]);
        return spans();
      }, 20000);
      expect(first.path).toBe("/v1/traces");
      expect(first.text).toContain("the-one-under-test");
    });
  }

  it("has that Redis forget the blobs that a collection has moved", async () => {
    const image = await TestImage.create(path.join(deployment.directory, "deleted"), { layers: [2000] });
    const crane = new Crane(deployment.directory);
    await crane.push(image.directory, `${host}/team/deleted:1`);
    const digest = (await crane.run(["digest", `${host}/team/deleted:1`])).trim();
    const [layer] = image.layers;
    const asked = () => request(`http://${host}/v2/team/deleted/blobs/${layer.digest}`, { address: "127.0.0.1" });
    expect((await asked()).status).toBe(200);
    await crane.run(["delete", `${host}/team/deleted@${digest}`]);
    const keys = async () => (await known()).filter((key) => key.includes(layer.digest));
    expect(await keys()).not.toEqual([]);
    const { output, exitCode } = await maintain(registry, "collect");
    expect({ output, exitCode }).toEqual({ output: expect.stringMatching(/^maintenance: moved .*$/), exitCode: 0 });
    expect(await keys()).toEqual([]);
    expect((await asked()).status).toBe(404);
  });

  it("is out of service while a file is there", async () => {
    await isBecoming(200, "healthy");
    await docker("exec", registry, "touch", FLAG);
    await isBecoming(503, "unhealthy");
    await docker("exec", registry, "rm", FLAG);
    await isBecoming(200, "healthy");
  });

  it.each(["web server", "TCP server"])(
    "is out of service while a %s is away that it cannot do without",
    async (what) => {
      const neighbour = what === "web server" ? web : port;
      await isBecoming(200, "healthy");
      await neighbour.close();
      await isBecoming(503, "unhealthy");
      await neighbour.listen();
      await isBecoming(200, "healthy");
      expect(probe).toMatchObject({ method: "HEAD", url: "/ready", headers: { "x-probe": "registry" } });
    },
  );
});
