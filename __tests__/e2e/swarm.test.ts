import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import execa from "execa";
import { images } from "../../environments/images";
import { GarbageCollection, RegistryImage, RegistryLogLevel, RegistryMetrics } from "../../lib";
import { underLoad } from "../../testing/checks/swarm-under-load";
import { Crane, DockerClient, Skopeo } from "../../testing/clients/clients";
import { basicAuth, request } from "../../testing/clients/http";
import { digestsBelow, MiB, TestImage } from "../../testing/clients/images";
import { servedCertificate } from "../../testing/clients/openssl";
import { sha256 } from "../../testing/clients/pusher";
import { HOSTS_BELIEVED_MS, HostName, trustInEngine } from "../../testing/machine/engine-host";
import { eventually } from "../../testing/machine/eventually";
import { killProcess } from "../../testing/machine/processes";
import { removeDirectory } from "../../testing/machine/scratch";
import { RegistryOnSwarm } from "../../testing/stacks/swarm-registry";

const METRICS_PORT = 9100;
const metrics = RegistryMetrics.prometheus({
  publishPort: METRICS_PORT,
  publishAddress: "0.0.0.0",
  image: images.nginx,
  healthIntervalSeconds: 1,
});
const registry = new RegistryOnSwarm("swarm", {
  registry: { metrics, maintenance: GarbageCollection.of({ graceMinutes: 0 }) },
});
const NODES = [0, 1];
let image: TestImage;

const inside = (...names: string[]) => path.join(registry.deployment.directory, ...names);

beforeAll(async () => {
  image = await TestImage.create(inside("image"), { layers: [3 * MiB, 100000] });
  await registry.deploy();
  const crane = new Crane(inside("first"), { ca: registry.caFile });
  const at = `${registry.swarm.address(0)}:5443`;
  await crane.login(at, { user: "carol", password: registry.passwords.carol });
  await crane.push(image.directory, `${at}/team/app:1`);
});
afterAll(async () => {
  await registry.cleanUp();
});

const expectAllBlobs = async (pulled: string) => {
  const digests = await digestsBelow(pulled);
  removeDirectory(pulled);
  expect(image.blobs.filter(({ digest }) => !digests.has(digest))).toEqual([]);
};

it.each(NODES)("docker, crane and skopeo push through node %i and pull through the other one", async (node) => {
  const login = { user: "ci", password: registry.passwords.ci };
  const certificates = inside(`certs-${node}`);
  fs.mkdirSync(certificates);
  fs.copyFileSync(registry.caFile, path.join(certificates, "ca.crt"));
  const docker = new DockerClient(certificates);
  const crane = new Crane(certificates, { ca: registry.caFile });
  const skopeo = new Skopeo(certificates, { certificates });
  const at = (client: string) => `${registry.host}/by/${client}:${node}`;
  const [there, back] = [node, 1 - node].map((one) => new HostName(registry.name, registry.swarm.address(one)));
  const distrust = trustInEngine(registry.host, registry.caFile);
  there.add();
  try {
    await sleep(HOSTS_BELIEVED_MS);
    for (const client of [docker, crane, skopeo]) {
      await client.login(registry.host, login);
    }
    await crane.push(image.directory, at("crane"));
    await skopeo.push(image.directory, at("skopeo"));
    await image.load(at("docker"));
    await docker.push(at("docker"));
    await docker.remove(at("docker"));
    there.remove();
    back.add();
    await crane.pull(at("crane"), path.join(certificates, "crane-pulled"));
    await expectAllBlobs(path.join(certificates, "crane-pulled"));
    await skopeo.pull(at("skopeo"), path.join(certificates, "skopeo-pulled"));
    await expectAllBlobs(path.join(certificates, "skopeo-pulled"));
    await sleep(HOSTS_BELIEVED_MS);
    await docker.pull(at("docker"));
    expect(await docker.imageId(at("docker"))).toBe(image.config.digest);
  } finally {
    there.remove();
    back.remove();
    distrust();
    await docker.remove(at("docker"));
  }
});

describe("the metrics", () => {
  const ask = (node: number, where: string) =>
    request(`http://${registry.swarm.address(node)}:${METRICS_PORT}${where}`);
  const targets = async (node: number) => {
    const answer = await ask(node, "/metrics/targets");
    expect(answer.headers["content-type"]).toBe("application/json");
    const listed: { targets: string[]; labels: Record<string, string> }[] = JSON.parse(answer.text);
    expect(listed.map((target) => target.targets)).toEqual(
      listed.map(() => [`${registry.swarm.address(node)}:${METRICS_PORT}`]),
    );
    return listed.map(({ labels }) => labels);
  };
  const named = (service: string) => `${registry.deployment.id}-${service}`;

  it.each(NODES)(
    "of each task are a target of their own at node %i, for http_sd_configs of Prometheus",
    async (node) => {
      const shown = await eventually(async () => {
        const listed = await targets(node);
        const services = listed.map(({ service }) => service).sort();
        expect(services).toEqual(["metrics", "proxy", "proxy", "registry", "registry"].map(named));
        return listed;
      }, 20000);
      const texts = await Promise.all(
        shown.map(async ({ service, __metrics_path__: where }) => ({ service, ...(await ask(node, where)) })),
      );
      expect(texts.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      const of = (service: string) => texts.filter((one) => one.service === service).map(({ text }) => text);
      expect(of(named("metrics"))[0]).toContain(`registry_tasks{service="${named("registry")}"} 2`);
      expect(of(named("metrics"))[0]).toMatch(/registry_cache_used_memory_bytes \d/);
      for (const text of of(named("registry"))) {
        expect(text).toMatch(/^registry_http_requests_total\{.*\} \d/m);
        expect(text).toContain("process_cpu_seconds_total");
      }
      const counted = of(named("proxy")).map((text) => {
        const lines = text.split("\n").filter((line) => /^registry_nginx_requests_total\{.*method="PUT"/.test(line));
        return lines.reduce((sum, line) => sum + Number(line.split(" ").pop()), 0);
      });
      // Both were pushed through.
      expect(Math.min(...counted)).toBeGreaterThan(0);
    },
  );

  it("show nothing that is secret, and nothing of who is no task", async () => {
    const [{ __metrics_path__: own }] = (await targets(0)).filter(({ service }) => service === named("registry"));
    const paths = [
      "/debug/vars",
      "/debug/pprof/",
      `${own}/debug/vars`,
      `${own}?/debug/vars`,
      "/metrics/registry/127.0.0.1",
    ];
    const answers = await Promise.all(paths.map((where) => ask(0, where)));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 200, 404]);
    expect(answers.map(({ text }) => /of-two-machines|cmdline/.test(text))).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

it("finishes on one replica an upload that was begun on another one", async () => {
  const pieces = Array.from({ length: 8 }, (_, i) => Buffer.alloc(100000, i));
  const begun = await registry.get(0, "/v2/team/pieces/blobs/uploads/", { method: "POST" });
  let location = String(begun.headers.location);
  for (const [i, body] of pieces.entries()) {
    const headers = { "Content-Type": "application/octet-stream" };
    const answer = await registry.get(i % 2, location, { method: "PATCH", body, headers });
    expect({ i, status: answer.status, text: answer.text }).toEqual({ i, status: 202, text: "" });
    location = String(answer.headers.location);
  }
  const digest = sha256(Buffer.concat(pieces));
  const ended = await registry.get(1, `${location}&digest=${digest}`, { method: "PUT" });
  expect(ended.status).toBe(201);
  expect(sha256((await registry.get(0, `/v2/team/pieces/blobs/${digest}`)).body)).toBe(digest);

  const upload = /uploads\/([0-9a-f-]+)/.exec(location)?.[1] ?? "?";
  const served = await eventually(async () => {
    const log = await registry.swarm.docker(["service", "logs", "--raw", `${registry.deployment.id}-proxy`]);
    const lines = log.split("\n").filter((line) => /"(PATCH|PUT) /.test(line) && line.includes(upload));
    expect(lines).toHaveLength(pieces.length + 1);
    return lines.map((line) => /upstream=([0-9.]+):/.exec(line)?.[1]);
  }, 10000);
  const replicas = (await registry.tasks("registry")).map(({ address }) => address);
  expect(replicas).toHaveLength(2);
  expect([...new Set(served)].sort()).toEqual(replicas.sort());
});

it("collects garbage while pulls through both nodes go on, and holds a push that comes meanwhile", async () => {
  const crane = new Crane(inside("first"), { ca: registry.caFile });
  const at = NODES.map((node) => `${registry.swarm.address(node)}:5443`);
  await crane.login(at[1], { user: "carol", password: registry.passwords.carol });
  const [gone, held] = await Promise.all(
    ["gone", "held"].map((seed) => TestImage.create(inside(seed), { layers: [200_000], seed })),
  );
  await crane.push(gone.directory, `${at[1]}/team/gone:1`);
  await crane.run(["delete", `${at[0]}/team/gone@${gone.manifest.digest}`]);
  await underLoad(
    registry,
    image,
    NODES,
    async () => {
      const collecting = registry.maintain(["collect"]);
      const proxies = await registry.tasks("proxy");
      await eventually(async () => {
        const closed = proxies.map(({ node, container }) =>
          registry.swarm.docker(["exec", container, "test", "-e", "/tmp/window"], node),
        );
        await Promise.all(closed);
      }, 60_000);
      await crane.push(held.directory, `${at[1]}/team/held:1`);
      expect((await collecting).output).toMatch(/deleted: [1-9]\d* blobs; writes waited for [\d.]+ s/);
    },
    { isPushing: false },
  );
  const there = await registry.blobs();
  expect(gone.blobs.filter(({ digest }) => there.includes(digest))).toEqual([]);
  expect(held.blobs.filter(({ digest }) => !there.includes(digest))).toEqual([]);
  expect(await registry.deployment.planIsEmpty()).toBe(true);
});

it("fails nothing while a replica is killed, and has another one", async () => {
  const [victim] = (await registry.tasks("registry")).filter(({ node }) => node === 1);
  await underLoad(registry, image, [0], async () => {
    await killProcess(await registry.pid(victim));
    await eventually(async () => {
      const now = await registry.tasks("registry");
      expect(now).toHaveLength(2);
      expect(now.map(({ container }) => container)).not.toContain(victim.container);
    }, 30000);
    await registry.settled();
  });
  expect(await registry.deployment.planIsEmpty()).toBe(true);
});

it("fails nothing through the node that stays while the other one is drained", async () => {
  await registry.whileDrained(1, async (drain) => {
    await underLoad(registry, image, [0], async () => {
      await drain();
      await eventually(async () => {
        expect((await registry.tasks("registry")).map(({ node }) => node)).toEqual([0, 0]);
        expect((await registry.tasks("cache")).map(({ node }) => node)).toEqual([0]);
        expect(await registry.tasks("proxy")).toHaveLength(1);
      }, 40000);
    });
    expect(await registry.deployment.planIsEmpty()).toBe(true);
  });
});

it("goes back to the former version by itself when a configuration is bad, and the deploy says so", async () => {
  const before = await registry.tasks("proxy");
  const bad = registry.stack({ registry: { configOverrides: { log: { level: "loud" } } } });
  await underLoad(registry, image, NODES, async () => {
    await expect(registry.deployment.apply(bad)).rejects.toThrow(/service rollback completed/);
    await registry.settled();
  });
  expect(await registry.tasks("proxy")).toEqual(before);
});

it("fails nothing of a client that knows both nodes while image, configuration, certificate and a user change", async () => {
  const { ci } = registry.passwords;
  const fingerprint = async () => (await servedCertificate(registry.swarm.address(1), 5443)).fingerprint256;
  const before = await fingerprint();
  const next = `${registry.deployment.id}/registry:next`;
  for (const node of NODES) {
    await registry.swarm.docker(["tag", images.registry.reference, next], node);
  }
  await underLoad(registry, image, NODES, () =>
    registry.change({
      images: { ...images, registry: RegistryImage.of(next, 3) },
      registry: { log: { level: RegistryLogLevel.WARN } },
      rotation: "2",
      alternativeNames: ["another.example"],
    }),
  );
  expect(registry.passwords.ci).not.toBe(ci);
  expect((await registry.get(1, "/v2/", { user: "ci" })).status).toBe(200);
  const old = await registry.get(1, "/v2/", { headers: { Authorization: basicAuth("ci", ci) } });
  expect(old.status).toBe(401);
  expect(await fingerprint()).not.toBe(before);
});

it("leaves nothing on either node, and its images in the bucket", async () => {
  await registry.deployment.destroy();
  await eventually(async () => expect(await registry.leftovers()).toEqual([]), 20000);
  const { stdout } = await execa("find", [
    registry.swarm.s3.data,
    "-path",
    "*team/app/_manifests/tags/1*",
    "-name",
    "link",
  ]);
  expect(stdout).not.toBe("");
});
