import net from "node:net";
import os from "node:os";
import path from "node:path";
import { Fn, Token } from "cdktf";
import execa from "execa";
import { images } from "../../environments/images";
import {
  type IndexPlatforms,
  NotificationAction,
  type RegistryContainerProps,
  RegistryLogFormatter,
  RegistryLogLevel,
  RegistryMetrics,
  RegistryStorage,
} from "../../lib";
import { Crane } from "../../testing/clients/clients";
import { request } from "../../testing/clients/http";
import { TestImage } from "../../testing/clients/images";
import { Deployment } from "../../testing/machine/deployment";
import { inspect, processOf } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { kernelAddress, listeners } from "../../testing/machine/listeners";
import { freePort } from "../../testing/machine/ports";
import { composedRegistry, VERSIONS } from "../../testing/stacks/adjusted-registry";

const OF_VERSION: { readonly [version: number]: RegistryContainerProps } = {
  2: { schema1Enabled: true },
  3: {
    tagListLimit: 50,
    tagLookupConcurrency: 2,
    manifestValidation: {
      allowedUrls: ["^https://example\\.com/"],
      deniedUrls: ["^https://example\\.com/old/"],
      indexPlatforms: "list" as IndexPlatforms,
      indexPlatformList: [{ os: "linux", architecture: "amd64" }],
    },
  },
};

const secret = (text: string) => Token.asString(Fn.sensitive(text));

/** Everything at once: a key that the real registry does not understand ends it at its start. */
const everything = (majorVersion: number): RegistryContainerProps => ({
  storage: RegistryStorage.inMemory(),
  deleteEnabled: false,
  log: {
    level: RegistryLogLevel.INFO,
    formatter: RegistryLogFormatter.JSON,
    fields: { service: "registry", environment: "test" },
    accessLog: true,
    ...(majorVersion === 3 ? { reportCaller: true } : {}),
    mailHooks: [
      {
        disabled: true,
        smtpAddress: "mail.example.com:25",
        smtpUser: "u",
        smtpPassword: secret("p: #"),
        sender: "a@b",
        receivers: ["c@d"],
      },
    ],
  },
  headers: { "X-Content-Type-Options": ["nosniff"], "X-Team": ["platform"] },
  relativeUrls: true,
  http2Enabled: false,
  uploadPurging: { enabled: true, ageHours: 24, intervalHours: 1, dryRun: true },
  health: {
    storage: { intervalSeconds: 1, threshold: 2 },
    files: [{ path: "/tmp/down", intervalSeconds: 1 }],
  },
  notifications: [
    {
      name: "audit",
      url: "https://audit.example.com/events",
      headers: { Authorization: [secret("Bearer x")] },
      ignoredMediaTypes: ["application/octet-stream"],
      ignoredActions: [NotificationAction.PULL],
      disabled: true,
    },
  ],
  notifyReferences: true,
  catalogLimit: 10,
  metrics: RegistryMetrics.prometheus({ path: "/prometheus", image: images.nginx }),
  manifestValidation: { allowedUrls: ["^https://example\\.com/"] },
  ...OF_VERSION[majorVersion],
});

describe.each(Object.entries(VERSIONS))("a registry of %s with every setting", (_, registryImage) => {
  const major = registryImage.majorVersion;
  let host: string;
  let port: number;
  let deployment: Deployment;
  let crane: Crane;
  let image: TestImage;

  const deploy = (props: RegistryContainerProps) =>
    deployment.apply(composedRegistry(port, () => ({ image: registryImage, ...props })));
  const upload = () =>
    request(`http://${host}/v2/team/app/blobs/uploads/`, {
      address: "127.0.0.1",
      method: "POST",
      headers: { "Content-Length": 0 },
    });

  beforeAll(async () => {
    port = await freePort();
    host = `localhost:${port}`;
    deployment = Deployment.of(
      `config${major}`,
      composedRegistry(port, () => ({ image: registryImage, ...everything(major) })),
    );
    await deployment.apply();
    crane = new Crane(deployment.directory);
    image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [1000] });
  });
  afterAll(() => deployment?.cleanUp());

  it("works", async () => {
    await crane.push(image.directory, `${host}/team/app:1`);
    await crane.pull(`${host}/team/app:1`, path.join(deployment.directory, "pulled"));
  });

  // Registries before 3.1.1 deleted tags although deletes were off (CVE-2026-41888).
  it("deletes nothing while deletes are off: no manifest, no tag, no blob", async () => {
    const repository = `http://${host}/v2/team/app`;
    const ask = (path: string, method: string) =>
      request(`${repository}/${path}`, {
        address: "127.0.0.1",
        method,
        headers: { Accept: "application/vnd.oci.image.manifest.v1+json" },
      });
    const paths = [`manifests/${image.manifest.digest}`, "manifests/1", `blobs/${image.layers[0].digest}`];
    for (const path of paths) {
      const { status, text } = await ask(path, "DELETE");
      expect({ path, status, text }).toEqual({ path, status: 405, text: expect.stringContaining("UNSUPPORTED") });
      expect((await ask(path, "HEAD")).status).toBe(200);
    }
  });

  it("adds its headers, and sends clients to paths", async () => {
    const { headers } = await upload();
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "x-team": "platform" });
    expect(headers.location).toMatch(/^\/v2\/team\/app\/blobs\/uploads\//);
  });

  it("logs as JSON with its fields, and each request", async () => {
    const { all = "" } = await execa("docker", ["logs", `${deployment.id}-registry`], { all: true });
    const entries = all.split("\n").filter((line) => line.startsWith("{"));
    const entry = entries.map((line) => JSON.parse(line)).find(({ msg }) => msg?.startsWith("listening on"));
    expect(entry).toMatchObject({ level: "info", service: "registry", environment: "test" });
    expect(all).toMatch(/"POST \/v2\/team\/app\/blobs\/uploads\/ HTTP\/1\.1" 202/);
  });

  describe("shows its metrics", () => {
    const NOT_METRICS = [
      "/",
      "/metrics",
      "/prometheus/",
      "/debug/vars",
      "/debug/pprof/",
      "/debug/pprof/cmdline",
      "/debug/health",
      "/prometheus/../debug/vars",
      "/prometheus/%2e%2e/debug/vars",
    ];
    let registry: string;
    let door: string;

    beforeAll(() => {
      registry = `${deployment.id}-registry`;
      door = `${registry}-metrics-door`;
    });

    const curl = async (network: string, ...args: string[]) => {
      const client = ["run", "--rm", `--network=${network}`, "--entrypoint=curl", images.nginx.reference];
      const { stdout } = await execa("docker", [...client, "-s", "--path-as-is", "--max-time", "5", ...args], {
        reject: false,
        timeout: 60000,
      });
      return stdout;
    };
    const statuses = async (network: string, origin: string, paths: string[]) => {
      const outputs = paths.flatMap((path) => ["-o", "/dev/null", `${origin}${path}`]);
      return (await curl(network, "-w", "%{http_code}\\n", ...outputs)).split("\n");
    };

    it("to the network of Prometheus", async () => {
      await upload();
      const text = await curl(`${registry}-metrics`, `http://${door}:5001/prometheus?name=none`);
      expect(text).toMatch(/^registry_http_requests_total\{.*\} [1-9]/m);
    });

    it("and nothing else that its debug server has", async () => {
      const debugServer = `http://${registry}.${registry}-debug:5001`;
      expect(await statuses(`${registry}-debug`, debugServer, ["/debug/vars", "/debug/pprof/"])).toEqual([
        "200",
        "200",
      ]);
      expect(await statuses(`${registry}-metrics`, `http://${door}:5001`, NOT_METRICS)).toEqual(
        NOT_METRICS.map(() => "404"),
      );
    });

    it("and nothing of them through the proxy", async () => {
      const paths = ["/prometheus", "/debug/vars", "/debug/pprof/", "/v2/../debug/vars", "/v2/%2e%2e/debug/vars"];
      for (const path of paths) {
        expect((await request(`http://${host}${path}`, { address: "127.0.0.1" })).status).toBe(404);
      }
    });

    it("and its debug server to the door alone", async () => {
      const { HostConfig, NetworkSettings } = await inspect(registry);
      expect(HostConfig.PortBindings ?? {}).toEqual({});
      expect(Object.keys(NetworkSettings.Networks)).toEqual([`${registry}-debug`]);
      const { Containers } = await inspect(`${registry}-debug`);
      expect(Object.values(Containers).map((container) => (container as { Name: string }).Name)).toEqual(
        expect.arrayContaining([registry, door]),
      );
      expect(Object.keys(Containers)).toHaveLength(2);

      // Where it listens, and that the machine has no way there. Whoever asked from elsewhere might ask a stranger.
      const { IPAddress, IPPrefixLen } = NetworkSettings.Networks[`${registry}-debug`];
      expect(await listeners(registry, 5001)).toEqual([kernelAddress(IPAddress)]);
      const subnet = new net.BlockList();
      subnet.addSubnet(IPAddress, IPPrefixLen);
      const ownAddresses = Object.values(os.networkInterfaces()).flatMap((all) => all ?? []);
      expect(ownAddresses.filter(({ address, family }) => family === "IPv4" && subnet.check(address))).toEqual([]);
      const metrics = `http://${IPAddress}:5001/prometheus`;
      expect(await curl(`${registry}-debug`, metrics)).toContain("registry_http");
      // An internal network: what is asked there stays there.
      expect((await inspect(`${registry}-metrics`)).Internal).toBe(true);
      expect(await curl(`${registry}-metrics`, metrics)).not.toContain("registry_http");
    });

    it("also after the registry was started again", async () => {
      const before = await processOf(door);
      await execa("docker", ["restart", registry]);
      const scrape = () => statuses(`${registry}-metrics`, `http://${door}:5001`, ["/prometheus"]);
      await eventually(async () => expect(await scrape()).toEqual(["200"]), 30000);
      expect(await processOf(door)).toEqual(before);
    });
  });

  it("takes no uploads while it is read-only", async () => {
    await deploy({ ...everything(major), readOnly: true });
    expect((await upload()).status).toBe(405);
    await deploy(everything(major));
    expect((await upload()).status).toBe(202);
  });

  it("takes over no key that the registry does not understand, and the deploy says so", async () => {
    await expect(deploy({ ...everything(major), configOverrides: { log: { level: "loud" } } })).rejects.toThrow(
      /loglevel/,
    );
    expect((await upload()).status).toBe(202);
    await deploy(everything(major));
    expect((await upload()).status).toBe(202);
  });

  it("leaves no container, network or volume when it is destroyed", async () => {
    await deployment.destroy();
    expect(await deployment.leftovers()).toEqual([]);
  });
});
