import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { Docker } from "../../bootstrap/docker";
import { withTaskReasons } from "../../bootstrap/failed-tasks";
import { ExpectedFailure } from "../../bootstrap/failure";
import { images } from "../../environments/images";
import { Access, Certificate, HtpasswdUser, Permission, PublicEndpoint, RegistryMetrics } from "../../lib";
import { underLoad } from "../../testing/checks/swarm-under-load";
import { Crane } from "../../testing/clients/clients";
import { digestsBelow, MiB, TestImage } from "../../testing/clients/images";
import { servedCertificate } from "../../testing/clients/openssl";
import { Prometheus } from "../../testing/clients/prometheus";
import { eventually } from "../../testing/machine/eventually";
import { freePorts } from "../../testing/machine/ports";
import { killProcess } from "../../testing/machine/processes";
import { removeDirectory } from "../../testing/machine/scratch";
import { OwnAuthority } from "../../testing/servers/own-authority";
import { secretVariable } from "../../testing/stacks/secret-variable";
import { RegistryOnSwarm } from "../../testing/stacks/swarm-registry";

const NODES = [0, 1];
const METRICS_PORT = 9100;

describe("a registry of version 2 on a Swarm, with a certificate of somebody else's authority", () => {
  const metrics = RegistryMetrics.prometheus({
    publishPort: METRICS_PORT,
    publishAddress: "0.0.0.0",
    image: images.nginx,
  });
  const registry = new RegistryOnSwarm("nodes", {
    images: { ...images, registry: images.registryV2 },
    registry: { metrics },
  });
  const { directory } = registry.deployment;
  const inside = (...names: string[]) => path.join(directory, ...names);
  let crane: Crane;
  let image: TestImage;
  let issued: ReturnType<OwnAuthority["issue"]>;
  let prometheusPort: number;

  const at = (node: number) => `${registry.swarm.address(node)}:5443`;
  const prometheusName = `${registry.deployment.id}-prometheus`;

  beforeAll(async () => {
    const authority = new OwnAuthority(inside("authority"));
    registry.always = {
      ...registry.always,
      props: {
        caCertificatePem: authority.certificate,
        certificate: (stack) => {
          issued ??= authority.issue([`DNS:${registry.name}`, ...NODES.map((i) => `IP:${registry.swarm.address(i)}`)]);
          process.env.TF_VAR_server_key = issued.key;
          const privateKeyPem = secretVariable(stack, "server_key");
          return Certificate.fromPem(stack, "Certificate", { certificateChainPem: issued.certificate, privateKeyPem });
        },
      },
    };
    await registry.deploy();
    crane = new Crane(inside("crane"), { ca: registry.caFile });
    for (const node of NODES) {
      await crane.login(at(node), { user: "carol", password: registry.passwords.carol });
    }
    image = await TestImage.create(inside("image"), { layers: [3 * MiB, 100_000] });
    await crane.push(image.directory, `${at(0)}/team/app:1`);
  });
  afterAll(async () => {
    await execa("docker", ["rm", "--force", prometheusName], { reject: false });
    await registry.cleanUp();
  });

  const pulls = async (name: string, of: TestImage) => {
    for (const node of NODES) {
      await crane.pull(`${at(node)}/${name}`, inside("pulled"));
      const found = await digestsBelow(inside("pulled"));
      removeDirectory(inside("pulled"));
      expect(of.blobs.filter(({ digest }) => !found.has(digest))).toEqual([]);
    }
  };

  it("serves that certificate and images at both nodes", async () => {
    for (const node of NODES) {
      const { raw } = await servedCertificate(registry.swarm.address(node), 5443);
      expect(issued.certificate.replace(/-----[^-]+-----|\s/g, "")).toBe(raw.toString("base64"));
    }
    const [task] = await registry.tasks("registry");
    const version = await registry.swarm.docker(["exec", task.container, "registry", "--version"], task.node);
    expect(version).toMatch(/ v?2\./);
    await pulls("team/app:1", image);
    await crane.push(image.directory, `${at(1)}/team/other:1`);
    await pulls("team/other:1", image);
    expect(await registry.deployment.planIsEmpty()).toBe(true);
  });

  it("gives each task to a Prometheus, and forgets one that is killed", async () => {
    [prometheusPort] = await freePorts(1);
    const url = `http://${registry.swarm.address(1)}:${METRICS_PORT}/metrics/targets`;
    const config = {
      global: { scrape_interval: "1s", scrape_timeout: "1s" },
      scrape_configs: [{ job_name: "registry", http_sd_configs: [{ url, refresh_interval: "1s" }] }],
    };
    fs.writeFileSync(inside("prometheus.yml"), JSON.stringify(config), { mode: 0o644 });
    const mount = ["--volume", `${inside("prometheus.yml")}:/prometheus.yml:ro`, "--tmpfs", "/data:mode=1777"];
    const flags = ["--config.file=/prometheus.yml", "--storage.tsdb.path=/data"];
    const listen = `--web.listen-address=127.0.0.1:${prometheusPort}`;
    const run = ["run", "--detach", "--name", prometheusName, "--network", "host", ...mount];
    await execa("docker", [...run, "--entrypoint", "prometheus", images.prometheus?.reference ?? "", ...flags, listen]);
    const prometheus = new Prometheus(prometheusPort);
    const up = async () => {
      const found = await prometheus.query('up{job="registry"} == 1');
      return found.map(({ labels }) => `${labels.service.replace(/^.*-/, "")} ${labels.instance}`).sort();
    };
    const five = () =>
      eventually(async () => {
        const found = await up();
        expect(found.map((line) => line.split(" ")[0])).toEqual(["metrics", "proxy", "proxy", "registry", "registry"]);
        return found;
      }, 60_000);
    const before = await five();
    const [victim] = await registry.tasks("registry");
    await killProcess(await registry.pid(victim));
    await eventually(async () => {
      expect(await prometheus.query('up{job="registry"}')).toHaveLength(5);
      expect(await up()).not.toEqual(before);
    }, 60_000);
    await five();
    expect(await prometheus.query('sum by (registry) (registry_nginx_requests_total{method="PUT"})')).toHaveLength(1);
    expect(await prometheus.query("registry_up == 0")).toEqual([]);
    await registry.settled();
  });

  it.each(NODES)("gives the same list to a container of node %i that joins their network", async (node) => {
    const name = `${registry.deployment.id}-metrics`;
    const ask = ["curl", images.nginx.reference, "-sS", `http://${name}:5001/metrics/targets`];
    const listed = await registry.swarm.docker(["run", "--rm", "--network", name, "--entrypoint", ...ask], node);
    const targets: { targets: string[]; labels: Record<string, string> }[] = JSON.parse(listed);
    expect(targets.map((one) => one.targets)).toEqual(targets.map(() => [`${name}:5001`]));
    expect(targets.filter(({ labels }) => labels.service === `${registry.deployment.id}-registry`)).toHaveLength(2);
  });

  it("fails nothing through the node that stays, whichever of the two is drained", async () => {
    for (const node of [1, 0]) {
      await registry.whileDrained(node, async (drain) => {
        await underLoad(registry, image, [1 - node], async () => {
          await drain();
          await eventually(async () => {
            const where = async (service: string) => (await registry.tasks(service)).map((task) => task.node);
            expect(await where("registry")).toEqual([1 - node, 1 - node]);
            expect(await where("cache")).toEqual([1 - node]);
            expect(await where("proxy")).toEqual([1 - node]);
          }, 60_000);
        });
        expect(await registry.deployment.planIsEmpty()).toBe(true);
      });
    }
  });

  it("collects by hand what docs/swarm.md says, and loses no image", async () => {
    const kept: [string, TestImage][] = [["team/app:1", image]];
    const gone: [string, TestImage][] = [];
    for (let i = 0; i < 8; i++) {
      const one = await TestImage.create(inside(`one-${i}`), { layers: [200_000 + i, 100_000 + i] });
      await crane.push(one.directory, `${at(i % 2)}/team/many:${i}`);
      (i % 2 === 0 ? kept : gone).push([`team/many:${i}`, one]);
    }
    for (const [name, { manifest }] of gone) {
      await crane.run(["delete", `${at(0)}/${name.split(":")[0]}@${manifest.digest}`]);
    }
    const has = async ([, { blobs: own }]: [string, TestImage]) => {
      const there = await registry.blobs();
      return own.filter(({ digest }) => there.includes(digest)).length;
    };
    expect(await has(gone[0])).toBe(4);
    await underLoad(
      registry,
      image,
      NODES,
      async () => {
        await registry.change({ registry: { readOnly: true } });
        await expect(crane.push(image.directory, `${at(0)}/team/refused:1`)).rejects.toThrow(/405|UNSUPPORTED/i);
        const [task] = await registry.tasks("registry");
        const collect = (...flags: string[]) =>
          registry.swarm.docker(
            ["exec", task.container, "registry", "garbage-collect", ...flags, "/config/current/config.yml"],
            task.node,
          );
        expect(await collect("--dry-run")).toContain(gone[0][1].manifest.digest);
        expect(await has(gone[0])).toBe(4);
        await collect();
        const [cache] = await registry.tasks("cache");
        const forget = "REDISCLI_AUTH=$(cat /config/current/password) redis-cli -s /run/redis/redis.sock FLUSHALL";
        await registry.swarm.docker(["exec", cache.container, "sh", "-c", forget], cache.node);
        await registry.change({});
      },
      { isPushing: false },
    );
    expect(await Promise.all(gone.map(has))).toEqual(gone.map(() => 0));
    for (const [name, one] of kept) {
      await pulls(name, one);
    }
    // What was deleted comes whole when it is pushed again.
    for (const [name, one] of gone) {
      await crane.push(one.directory, `${at(1)}/${name}`);
      await pulls(name, one);
    }
  });

  it("is told by the deploy when a port is taken on one node, and is there as before afterwards", async () => {
    const taken = 6443;
    const stopper = ["--name", "neighbour", "--publish", `${taken}:80`, images.nginx.reference];
    await registry.swarm.docker(["run", "--detach", "--entrypoint", "sleep", ...stopper, "600"], 1);
    const elsewhere = registry.stack({
      props: {
        ...registry.always.props,
        endpoint: PublicEndpoint.https({ host: registry.name, port: taken, publishAddress: "0.0.0.0" }),
        proxyService: { update: { monitorSeconds: 2 }, deployTimeoutSeconds: 90 },
      },
    });
    const error = await registry.deployment.apply(elsewhere).then(
      () => "no error",
      (reason: Error) => reason.message,
    );
    const docker = new Docker({ engine: registry.swarm.manager.host });
    const told = await withTaskReasons(new ExpectedFailure(error), docker, [`${registry.deployment.id}-proxy`]);
    console.info((told as Error).message);
    expect(error).toMatch(/did not converge|service rollback|paused/);
    expect((told as Error).message).toMatch(/-proxy on node-2: .*6443.* port is already allocated/);
    await registry.swarm.docker(["rm", "--force", "neighbour"], 1);
    await registry.change({});
    await registry.settled();
    await pulls("team/app:1", image);
  });

  it("gives rights by repository at both nodes, and knows there the tokens of either", async () => {
    const users = [
      HtpasswdUser.generated("carol", { access: Access.PUSH }),
      HtpasswdUser.generated("team", { permissions: [Permission.push("team/**")] }),
    ];
    await registry.change({ props: { ...registry.always.props, users, everybody: [Permission.pull("team/**")] } });
    await registry.settled();
    for (const node of NODES) {
      const { status, text } = await registry.get(node, "/token?scope=repository:team/app:pull,push", { user: "team" });
      expect(status).toBe(200);
      const Authorization = `Bearer ${JSON.parse(text).token}`;
      for (const other of NODES) {
        const begin = async (name: string, headers: Record<string, string>) =>
          (await registry.get(other, `/v2/${name}/blobs/uploads/`, { method: "POST", headers })).status;
        const nobody = { Authorization: "" };
        expect([
          await begin("team/app", { Authorization }),
          await begin("other/app", { Authorization }),
          await begin("team/app", nobody),
          (await registry.get(other, "/v2/team/app/tags/list", { headers: nobody })).status,
          (await registry.get(other, "/v2/other/app/tags/list", { headers: nobody })).status,
        ]).toEqual([202, 403, 401, 200, 401]);
      }
    }
  });

  it("leaves nothing on either node", async () => {
    await registry.deployment.destroy();
    await eventually(async () => expect(await registry.leftovers()).toEqual([]), 30_000);
  });
});
