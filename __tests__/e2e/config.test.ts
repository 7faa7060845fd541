import path from "node:path";
import execa from "execa";
import { cached } from "../../environments/cached";
import {
  type IndexPlatforms,
  NotificationAction,
  type RegistryContainerProps,
  RegistryLogFormatter,
  RegistryLogLevel,
  RegistryStorage,
} from "../../lib";
import { Crane } from "../engine/clients";
import { composedRegistry, VERSIONS } from "../engine/composed-registry";
import { Deployment } from "../engine/deployment";
import { request } from "../engine/http";
import { TestImage } from "../engine/images";
import { inspect } from "../engine/objects";
import { freePort } from "../engine/ports";

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

/** Everything at once: a key that the real registry does not understand ends it at its start. */
const everything = (majorVersion: number): RegistryContainerProps => ({
  storage: RegistryStorage.inMemory(),
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
        smtpPassword: "p: #",
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
      headers: { Authorization: ["Bearer x"] },
      ignoredMediaTypes: ["application/octet-stream"],
      ignoredActions: [NotificationAction.PULL],
      disabled: true,
    },
  ],
  notifyReferences: true,
  catalogLimit: 10,
  metrics: { path: "/prometheus" },
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

  it("has nothing to change after its deploy", async () => {
    expect(await deployment.planIsEmpty()).toBe(true);
  });

  it("works", async () => {
    await crane.push(image.directory, `${host}/team/app:1`);
    await crane.pull(`${host}/team/app:1`, path.join(deployment.directory, "pulled"));
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

  it("shows metrics to its internal network and to nobody else", async () => {
    const { HostConfig, NetworkSettings } = await inspect(`${deployment.id}-registry`);
    expect(HostConfig.PortBindings ?? {}).toEqual({});
    expect(Object.keys(NetworkSettings.Networks)).toEqual([`${deployment.id}-registry-metrics`]);
    const address = `http://${deployment.id}-registry:5001/prometheus`;
    const scrape = (network: string) =>
      execa(
        "docker",
        ["run", "--rm", "--network", network, "--entrypoint", "wget", registryImage.reference, "-qO-", address],
        {
          reject: false,
          timeout: 60000,
        },
      );
    expect((await scrape(`${deployment.id}-registry-metrics`)).stdout).toContain("registry_http_requests_total");
    expect((await scrape(`${deployment.id}-proxy`)).exitCode).not.toBe(0);
    expect((await request(`http://${host}/prometheus`, { address: "127.0.0.1" })).status).toBe(404);
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
});

test("the environment cached has the settings that were written by hand", async () => {
  const deployment = Deployment.of("handmade", (app, id) => cached.create(app, id));
  try {
    await deployment.validate();
    const text = deployment.configuration();
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
  } finally {
    await deployment.cleanUp();
  }
});
