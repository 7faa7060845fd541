import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import tls from "node:tls";
import execa from "execa";
import { PANELS } from "../../lib/metrics/dashboard";
import { basicAuth, type Request } from "../../testing/clients/http";
import { maintain } from "../../testing/rounds/collectors";
import { DATA, RESERVE_MIB, WatchedRegistry } from "../../testing/stacks/watched-registry";

const WINDOW = 20;

/** What the processes of a container have used so far, those that have ended too. */
function cpuSeconds(id: string): number {
  const v1 = `/sys/fs/cgroup/cpuacct/docker/${id}/cpuacct.usage`;
  if (fs.existsSync(v1)) {
    return Number(fs.readFileSync(v1, "utf8")) / 1e9;
  }
  const places = [`/sys/fs/cgroup/docker/${id}/cpu.stat`, `/sys/fs/cgroup/system.slice/docker-${id}.scope/cpu.stat`];
  const file = places.find((place) => fs.existsSync(place));
  return Number(/usage_usec (\d+)/.exec(fs.readFileSync(file ?? places[0], "utf8"))?.[1]) / 1e6;
}

describe("a registry that is watched for longer", () => {
  let watched: WatchedRegistry;
  beforeAll(async () => {
    watched = await WatchedRegistry.deploy("alerts");
  });
  afterAll(() => watched?.deployment.cleanUp());

  it("tells who watches it when a collection or a backup has never run, or not for too long", async () => {
    const backUp = () => watched.docker("exec", watched.container("backup"), "/config/current/bin/backup", "now");
    const collect = async () => expect((await maintain(watched.container("registry"), "collect")).exitCode).toBe(0);
    await watched.fires("RegistryBackupNever");
    await watched.fires("RegistryMaintenanceNever");
    await backUp();
    await collect();
    await watched.resolves("RegistryBackupNever");
    await watched.resolves("RegistryMaintenanceNever");
    await watched.fires("RegistryBackupMissing");
    await watched.fires("RegistryMaintenanceMissing");
    await backUp();
    await watched.resolves("RegistryBackupMissing");
    await collect();
    await watched.resolves("RegistryMaintenanceMissing");
  });

  it("tells all of it a thousand times for less than a hundredth of a core", async () => {
    const parts = ["registry-metrics-door", "proxy", "registry"];
    const spent = async () => {
      const { stdout } = await execa("docker", [
        "inspect",
        "-f",
        "{{.Id}}",
        ...parts.map((name) => watched.container(name)),
      ]);
      return stdout.split("\n").reduce((sum, id) => sum + cpuSeconds(id), 0);
    };
    const begun = Date.now();
    const before = await spent();
    await watched.inside(
      "registry-metrics-door",
      "for i in $(seq 1000); do wget -qO /dev/null http://127.0.0.1:5001/metrics || exit 1; done",
    );
    const cost = (await spent()) - before;
    // As often as Prometheus asks by default.
    const share = cost / (1000 * 15);
    console.log(
      `1000 scrapes: ${cost.toFixed(1)} s of CPU, ${(Date.now() - begun) / 1000} s; ${(share * 100).toFixed(3)} % of a core`,
    );
    expect(share).toBeLessThan(0.01);
  });

  it("answers each query of the dashboard with what the load was, within 5 %", async () => {
    const done: { at: number; kind: string; status: number; seconds: number; bytes: number }[] = [];
    const blob = `/v2/team/app/blobs/${watched.layer}`;
    const send = async (kind: string, where: string, options: Request = {}) => {
      const begun = Date.now();
      const { status, body } = await watched.ask(where, options);
      done.push({ at: Date.now() / 1000, kind, status, seconds: (Date.now() - begun) / 1000, bytes: body.length });
    };
    const accept = { headers: { Accept: "application/vnd.oci.image.manifest.v1+json" } };
    const wrong = { headers: { Authorization: basicAuth("ci", "wrong") } };
    const redis = async () => {
      const info = await watched.inside(
        "cache",
        "REDISCLI_AUTH=$(cat /config/current/password) redis-cli -s /run/redis/redis.sock INFO",
      );
      const figure = (name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(info)?.[1]);
      return { memory: figure("used_memory"), hits: figure("keyspace_hits"), misses: figure("keyspace_misses") };
    };
    const pending: Promise<void>[] = [];
    const begun = Date.now();
    const cacheBefore = await redis();
    for (let tick = 0; Date.now() - begun < (WINDOW + 12) * 1000; tick++) {
      pending.push(send("manifest", "/v2/team/app/manifests/1", accept), send("blob", blob));
      if (tick % 2 === 0) {
        // These the registry answers: it knows the blob, and not the manifest.
        pending.push(send("asked", blob, { method: "HEAD", headers: { "If-Match": "*" } }));
        pending.push(send("missing", "/v2/team/app/manifests/none", { ...accept, method: "HEAD" }));
      }
      if (tick % 5 === 0) {
        pending.push(send("wrong", "/v2/", wrong));
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, begun + (tick + 1) * 100 - Date.now())));
    }
    const at = Math.floor(Date.now() / 1000) - 2;
    await Promise.all(pending);
    const cacheAfter = await redis();

    const loaded = done.filter((one) => one.at > at - WINDOW && one.at <= at);
    const rate = (is: (one: (typeof done)[number]) => boolean) => loaded.filter(is).length / WINDOW;
    const panel = async (title: string, query = 0) => {
      const { expr, legend } = PANELS.find((one) => one.title === title)?.queries[query] ?? { expr: "", legend: "" };
      const samples = await watched.prometheus.query(expr.replaceAll("$__rate_interval", `${WINDOW}s`), at);
      return Object.fromEntries(
        samples.map(({ labels, value }) => [legend.replace(/\{\{(\w+)\}\}/g, (_, name) => labels[name]), value]),
      );
    };
    const near = (got: number, expected: number, percent = 5) => {
      expect(Math.abs(got - expected)).toBeLessThanOrEqual((Math.abs(expected) * percent) / 100);
    };

    const requests = await panel("Requests");
    near(
      requests["GET manifest"],
      rate(({ kind }) => kind === "manifest"),
    );
    near(
      requests["HEAD manifest"],
      rate(({ kind }) => kind === "missing"),
    );
    near(
      requests["GET blob"],
      rate(({ kind }) => kind === "blob"),
    );
    const answered = await panel("Who answers");
    near(
      answered.files,
      rate(({ kind }) => kind === "manifest" || kind === "blob"),
    );
    near(
      answered.registry,
      rate(({ kind }) => kind === "asked" || kind === "missing"),
    );
    near(
      answered.proxy,
      rate(({ kind }) => kind === "wrong"),
    );
    near(
      (await panel("Errors"))["404"],
      rate(({ status }) => status === 404),
    );
    near(
      (await panel("Failed logins")).wrong,
      rate(({ status }) => status === 401),
    );
    near((await panel("Bytes")).sent, loaded.reduce((sum, { bytes }) => sum + bytes, 0) / WINDOW);
    const logged = await watched.logged(at - WINDOW, at);
    const length = logged.reduce((sum, one) => sum + one.length, 0) / logged.length;
    near((await panel("Bytes", 1)).received, (loaded.length / WINDOW) * length);

    near(
      (await panel("Disk")).free,
      Number(await watched.inside("registry", `echo $(($(stat -f -c '%a * %S' ${DATA})))`)),
    );
    near((await panel("Disk", 1)).reserve, RESERVE_MIB * 1024 * 1024);
    near((await panel("Cache: memory")).used, cacheAfter.memory);
    const hits = cacheAfter.hits - cacheBefore.hits;
    near((await panel("Cache: hits"))["of what is asked for"], hits / (hits + cacheAfter.misses - cacheBefore.misses));

    const certificate = await new Promise<tls.PeerCertificate>((resolve, reject) => {
      const socket = tls.connect({ host: "localhost", port: watched.port, ca: watched.ca }, () => {
        resolve(socket.getPeerCertificate());
        socket.destroy();
      });
      socket.on("error", reject);
    });
    const end = new Date(certificate.valid_to).getTime() / 1000;
    near((await panel("Certificates end in"))[`${watched.container("proxy")} 0`], end - at);
    for (const [query, status] of [
      "registry cat /run/status/last-success",
      "backup cat /backup/last-backup",
    ].entries()) {
      const [name, ...command] = status.split(" ");
      const then = Number(await watched.inside(name, command.join(" ")));
      near((await panel("Since the last", query))[["collection", "backup"][query]], at - then);
    }
    const memory = (await panel("Memory of the registry's process"))[watched.container("registry")];
    const resident = await watched.inside(
      "registry",
      "cat /proc/[0-9]*/status | sed -n '/^Name:.registry$/,/^VmRSS/s/^VmRSS:[^0-9]*\\([0-9]*\\).*/\\1/p' | head -n 1",
    );
    near(memory, Number(resident) * 1024, 10);
  });

  it("answers what the dashboard asks of durations and connections with what the proxy's log says", async () => {
    const idle = Array.from({ length: 60 }, () => {
      const socket = tls.connect({ host: "localhost", port: watched.port, ca: watched.ca });
      socket.on("error", () => {});
      socket.write("GET /v2/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
      return socket;
    });
    // The registry is asked for it, which takes some milliseconds: what nginx finds by itself takes none that it counts.
    const accept = { method: "HEAD", headers: { Accept: "application/vnd.oci.image.manifest.v1+json" } };
    // A counter that begins in the window would lose its beginning.
    await watched.ask("/v2/team/app/manifests/none", accept);
    // Nothing of the load before is left in the window, and all of this one is in it.
    await sleep((WINDOW + 6) * 1000);
    const from = Math.floor(Date.now() / 1000);
    for (let i = 0; i < 20; i++) {
      await Promise.all(Array.from({ length: 20 }, () => watched.ask("/v2/team/app/manifests/none", accept)));
    }
    await sleep(6000);
    const at = Math.floor(Date.now() / 1000);
    const of = async (title: string, key: string, value: string) => {
      const expr = PANELS.find((one) => one.title === title)?.queries[0].expr ?? "";
      const samples = await watched.prometheus.query(expr.replaceAll("$__rate_interval", `${WINDOW}s`), at);
      return samples.find(({ labels }) => labels[key] === value)?.value ?? Number.NaN;
    };
    const times = (await watched.logged(from - 1, at))
      .filter(({ path }) => path.endsWith("/manifests/none"))
      .map(({ seconds }) => seconds);
    expect(times).toHaveLength(400);
    const mean = times.reduce((sum, one) => sum + one, 0) / times.length;
    expect(mean).toBeGreaterThan(0.001);
    const got = await of("Mean duration", "kind", "manifest");
    console.log(`mean duration: ${got} s by Prometheus, ${mean} s by the log`);
    expect(Math.abs(got - mean)).toBeLessThanOrEqual(0.05 * mean);
    const fast = times.filter((one) => one <= 0.5).length / times.length;
    expect(await of("Answered within half a second", "kind", "manifest")).toBeCloseTo(fast, 2);
    expect(Math.abs((await of("Connections", "state", "waiting")) - idle.length)).toBeLessThanOrEqual(3);
    for (const socket of idle) {
      socket.destroy();
    }
  });

  it("alerts of a proxy that was killed and of a Redis that hangs, until they are back", async () => {
    await watched.docker("pause", watched.container("cache"));
    await watched.docker("kill", watched.container("proxy"));
    await watched.fires("RegistryProxyDown");
    await watched.docker("start", watched.container("proxy"));
    await watched.resolves("RegistryProxyDown");
    await watched.fires("RegistryCacheDown", 90_000);
    await watched.docker("unpause", watched.container("cache"));
    await watched.resolves("RegistryCacheDown");
  });

  it("alerts of a disk that fills and is full, until there is room", async () => {
    const fill = async (leftMiB: number) => {
      await watched.inside("registry", `rm -f ${DATA}/filler`);
      const free = Number(await watched.inside("registry", `stat -f -c %a ${DATA}`)) / 256;
      await watched.inside(
        "registry",
        `dd if=/dev/zero of=${DATA}/filler bs=1048576 count=${Math.floor(free - leftMiB)} 2>&1`,
      );
    };
    await fill(1.5 * RESERVE_MIB);
    await watched.fires("RegistryDiskFilling");
    await fill(0.8 * RESERVE_MIB);
    await watched.fires("RegistryDiskLow");
    await watched.inside("registry", `rm -f ${DATA}/filler`);
    await watched.resolves("RegistryDiskLow");
    await watched.resolves("RegistryDiskFilling");
  });

  it("alerts of damaged files, until they are whole", async () => {
    const link = `${DATA}/docker/registry/v2/repositories/team/app/_manifests/tags/1/current/link`;
    await watched.inside("registry", `cp -p ${link} /tmp/link && printf x >${link}`);
    expect((await maintain(watched.container("registry"), "collect")).exitCode).not.toBe(0);
    await watched.fires("RegistryDamaged");
    await watched.inside("registry", `cat /tmp/link >${link}`);
    expect((await maintain(watched.container("registry"), "collect")).exitCode).toBe(0);
    await watched.resolves("RegistryDamaged");
  });

  it("alerts of a certificate that ends soon, until the limit is another: Prometheus takes both over while it runs", async () => {
    await watched.change({ certificateDays: 400 });
    await watched.fires("RegistryCertificateEnds");
    const changes = await watched.change({ certificateDays: 14 });
    await watched.resolves("RegistryCertificateEnds");
    expect(JSON.stringify(changes)).not.toContain(`${watched.container("prometheus")}"`);
    expect((await watched.prometheus.query("process_start_time_seconds{job='prometheus'}")).length).toBe(1);
  });
});
