import fs from "node:fs";
import path from "node:path";
import { App, type TerraformStack, Testing } from "cdktf";
import execa from "execa";
import { images } from "../../environments/images";
import { shipped } from "../../environments/shipped";
import {
  AccessLog,
  AuditLog,
  BackupTarget,
  Certificate,
  GarbageCollection,
  PublicEndpoint,
  RegistryMetrics,
  RegistryStorage,
  RepositoryQuota,
} from "../../lib";
import { HttpRegistryStack, HttpsRegistryStack, SwarmRegistryStack } from "../../stacks";
import { removeDirectory, runName, scratchDirectory } from "../../testing/machine/scratch";

/** What no environment has: logs that are rotated, immutable tags, quotas, metrics, maintenance and a backup. */
class Others extends HttpRegistryStack {
  constructor(app: App, id: string) {
    const proxy = { accessLog: AccessLog.toVolume(), auditLog: AuditLog.toVolume() };
    super(app, id, { endpoint: PublicEndpoint.http({ host: "localhost", port: 5000 }), images, proxy });
  }

  protected override addRegistry(variant: Parameters<HttpRegistryStack["addRegistry"]>[0]) {
    return super.addRegistry({
      ...variant,
      backup: { target: BackupTarget.volume() },
      registryOptions: {
        metrics: RegistryMetrics.prometheus(),
        maintenance: GarbageCollection.of(),
        immutableTags: [{ tags: ["v*"] }],
        quotas: [RepositoryQuota.of("team/**", { maxMiB: 1 })],
      },
    });
  }
}

/** A registry that is alone with its bucket, and is maintained. */
class Bucket extends HttpRegistryStack {
  protected override addRegistry(variant: Parameters<HttpRegistryStack["addRegistry"]>[0]) {
    const storage = RegistryStorage.s3({ bucket: "images", region: "eu-central-1" });
    return super.addRegistry({ ...variant, registryOptions: { storage, maintenance: GarbageCollection.of() } });
  }
}

const bucket = new Bucket(new App(), "bucket", {
  endpoint: PublicEndpoint.http({ host: "localhost", port: 5000 }),
  images,
});

/** A certificate that is followed. */
const followed = new HttpsRegistryStack(new App(), "followed", {
  endpoint: PublicEndpoint.https({ host: "localhost", port: 5443 }),
  images,
  certificate: (stack) => Certificate.fromFolder(stack, "Certificate", { folder: "/etc/letsencrypt/live/localhost" }),
});

/** Metrics and maintenance on a Swarm. */
const watched = new SwarmRegistryStack(new App(), "watched", {
  endpoint: PublicEndpoint.http({ host: "localhost", port: 5000, publishAddress: "0.0.0.0" }),
  images,
  storage: () => RegistryStorage.s3({ bucket: "images", region: "eu-central-1" }),
  registry: { metrics: RegistryMetrics.prometheus(), maintenance: GarbageCollection.of() },
});

interface Resources {
  readonly docker_container?: Record<
    string,
    {
      readonly entrypoint: string[];
      readonly command: string[];
      readonly healthcheck?: { readonly test: string[] };
      readonly upload?: { readonly file: string; readonly content: string }[];
    }
  >;
  readonly docker_service?: Record<
    string,
    {
      readonly task_spec: {
        readonly container_spec: { readonly command: string[]; readonly healthcheck: { readonly test: string[] } };
      };
    }
  >;
  readonly local_file?: Record<string, { readonly filename: string; readonly content: string }>;
}

const isScript = (text: string): boolean => text.startsWith("#!/bin/sh");

/** Every shell script of a stack by where it is, as a shell would get it. */
function scripts(stack: TerraformStack): [string, string][] {
  const { resource, locals = {} } = JSON.parse(Testing.synth(stack, true));
  const { docker_container, docker_service, local_file }: Resources = resource;
  const found = Object.entries(docker_container ?? {}).flatMap(([name, container]) => [
    ...(container.entrypoint.includes("-c") ? [[name, container.command[0]]] : []),
    ...(container.healthcheck ? [[`${name}-health`, container.healthcheck.test[1]]] : []),
    ...(container.upload ?? [])
      .filter(({ content }) => isScript(content))
      .map(({ file, content }) => [`${name}-${path.basename(file)}`, content]),
  ]);
  const tasks = Object.entries(docker_service ?? {}).flatMap(([name, { task_spec }]) => {
    const { command, healthcheck } = task_spec.container_spec;
    return [
      [name, command[2]],
      [`${name}-health`, healthcheck.test[1]],
    ];
  });
  // The files of services are locals.
  const files = [
    ...Object.entries(local_file ?? {}).map(([name, { content }]) => [name, content]),
    ...Object.entries<string>(locals),
  ].filter(([, content]) => isScript(content));
  return [...found, ...tasks, ...files].map(([name, text]) => [
    name,
    text.replace(/(?<!\$)\$\{[^}]*}/g, "known-at-deploy").replaceAll("$${", "${"),
  ]);
}

describe("every shell script", () => {
  const all = new Map<string, string>();
  let folder: string;

  beforeAll(() => {
    folder = scratchDirectory(runName("scripts"));
    const stacks = Object.entries(shipped).map(([name, environment]) => environment.create(new App(), name));
    for (const stack of [...stacks, new Others(new App(), "others"), bucket, followed, watched]) {
      for (const [name, text] of scripts(stack)) {
        all.set(`${stack.node.id}-${name}`, text);
        fs.writeFileSync(path.join(folder, `${stack.node.id}-${name}.sh`), text);
      }
    }
  });
  afterAll(() => removeDirectory(folder));

  it("is looked at: writers, runners, tasks of services, health commands, the log's rotation, the clients' install script", () => {
    const names = [...all.keys()].join("\n");
    for (const name of [
      /^local-Proxy_Config_Writer_\w+$/m,
      /^local-Registry_\w{8}$/m,
      /^reencrypt-Registry_\w{8}$/m,
      /^local-Cache_\w{8}-health$/m,
      /^others-Proxy_Config_Writer_\w+-rotate-logs$/m,
      /^others-Proxy_Config_Writer_\w+-count-quotas$/m,
      /^others-Registry_MetricsDoor_\w{8}$/m,
      /^others-Registry_Config_Writer_\w+-maintain$/m,
      /^bucket-Registry_Config_Writer_\w+-maintain$/m,
      /^followed-Proxy_Certificate_\w{8}$/m,
      /^followed-Proxy_Certificate_\w{8}-health$/m,
      /^others-Backup_Config_Writer_\w+-backup$/m,
      /^local-ClientTrust_\w{8}$/m,
      /^swarm-Registry_\w{8}$/m,
      /^swarm-Proxy_\w{8}-health$/m,
      /^watched-Metrics_\w{8}$/m,
      /^watched-Registry_Collector_\w{8}$/m,
      /^watched-Registry_Collector_Files_bin-maintain_Content_\w{8}$/m,
      /^watched-Registry_Files_bin-maintain_Content_\w{8}$/m,
    ]) {
      expect(names).toMatch(name);
    }
  });

  it("has nothing that shellcheck finds", async () => {
    const files = fs.readdirSync(folder);
    // SC2016: dollars in single quotes are for a shell within the shell.
    const { exitCode, stdout } = await execa(
      "shellcheck",
      ["--shell=sh", "--exclude=SC2016", "--format=gcc", ...files],
      {
        cwd: folder,
        reject: false,
      },
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
  });

  it("is one for the shell of busybox too", async () => {
    const check = 'cd /scripts && for file in *; do busybox ash -n "$file" || echo "$file"; done';
    const run = ["run", "--rm", "--network=none", `--volume=${folder}:/scripts:ro`, "--entrypoint=/bin/sh"];
    const { stdout } = await execa("docker", [...run, images.registry.reference, "-c", check]);
    expect(stdout).toBe("");
  });
});
