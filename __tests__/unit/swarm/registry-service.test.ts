import { RegistryListener, RegistryStorage, RepositoryQuota, type SwarmRegistryProps, UpdateOrder } from "../../../lib";
import { named, swarmRegistry, synthesised } from "./swarm-stack";

describe("the registries of a Swarm", () => {
  const configuration = synthesised(swarmRegistry({ replicas: 4 }));
  const service = named(configuration, "docker_service", "local-registry");
  const { container_spec: container, ...task } = service.task_spec;

  test("are replicas that each node finds by name, without IPVS", () => {
    expect(service).toMatchObject({
      mode: { replicated: { replicas: 4 } },
      endpoint_spec: { mode: "dnsrr" },
    });
    expect(service.endpoint_spec.ports).toBeUndefined();
  });

  test("are on networks by their ids, and on an open one for the storage", () => {
    expect(task.networks_advanced).toHaveLength(3);
    expect(task.networks_advanced.map(({ id }: { id: string }) => id)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^\$\{docker_network\.Registry_Network_\w+\.id\}$/),
        expect.stringMatching(/^\$\{docker_network\.Registry_Outbound_\w+\.id\}$/),
        expect.stringMatching(/^\$\{docker_network\.Cache_Network_\w+\.id\}$/),
      ]),
    );
    const networks = Object.values<any>(configuration.resource.docker_network);
    expect(networks.every(({ driver }) => driver === "overlay")).toBe(true);
    expect(
      networks
        .filter(({ internal }) => internal)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["local-cache", "local-registry"]);
    expect(configuration.terraform.required_providers.docker.version).toBe(">= 4.0.0, < 5.0.0");
  });

  test("run as nobody, on a read-only file system, without capabilities", () => {
    expect(container).toMatchObject({ user: "65532:65532", read_only: true, cap_drop: ["ALL"] });
    expect(container.mounts.map(({ type, target }: any) => [type, target])).toEqual([
      ["tmpfs", "/config"],
      ["tmpfs", "/tmp"],
    ]);
  });

  test("are replaced one by one, and come back when the new one fails", () => {
    const update = { parallelism: 1, order: "start-first", monitor: "10s", max_failure_ratio: "0.0" };
    expect(service.update_config).toMatchObject({ ...update, failure_action: "rollback" });
    expect(service.rollback_config).toMatchObject({ ...update, failure_action: "pause" });
    expect(service.converge_config).toEqual({ delay: "1s", timeout: "5m" });
  });

  test("count only when they have read from the storage", () => {
    expect(container.healthcheck.test[1]).toContain("/v2/cdktf-docker-registry/storage-check/manifests/none");
  });

  test("have one secret for uploads and one cache, in a file that no plan shows", () => {
    const [config] = Object.entries<any>(configuration.locals).flatMap(([name, text]) =>
      name.startsWith("Registry_Files_configyml") ? [text] : [],
    );
    expect(config).toMatch(/secret: \$\{jsonencode\(random_password\.Registry_HttpSecret_\w+\.result\)\}/);
    expect(config).toContain("local-cache:6379");
    expect(container.configs).toEqual([]);
    expect(container.secrets).toEqual([
      {
        secret_id: expect.stringMatching(/^\$\{docker_secret\.Registry_Files_configyml_\w+\.id\}$/),
        secret_name: expect.stringMatching(/^\$\{docker_secret\.Registry_Files_configyml_\w+\.name\}$/),
        file_name: "/staged/config.yml",
        file_uid: "65532",
        file_gid: "65532",
        file_mode: 0o400,
      },
    ]);
  });
});

test("a file of a service has another name whenever its content changes, also back to what it was", () => {
  const configuration = synthesised(swarmRegistry());
  const secret = named(configuration, "docker_secret", "local-registry-config.yml");
  expect(secret.name).toMatch(
    /^local-registry-config\.yml-\$\{substr\(terraform_data\.Registry_Files_configyml_Version_\w+\.id, 0, 8\)\}$/,
  );
  expect(secret.lifecycle).toEqual({ create_before_destroy: true });
  const [, version] = Object.entries<any>(configuration.resource.terraform_data).find(([id]) =>
    id.startsWith("Registry_Files_configyml"),
  ) as [string, any];
  expect(version.triggers_replace.digest).toMatch(/^\$\{sha256\(local\.Registry_Files_configyml_Content_\w+\)\}$/);
  expect(version.triggers_replace.lines.join("\n")).toContain("secret: (sensitive)");
});

describe("placement and limits", () => {
  const options = {
    placement: { constraints: ["node.labels.registry==yes"], spreadOver: ["node.labels.zone"], maxReplicasPerNode: 1 },
    cpuLimit: 1.5,
    cpuReservation: 0.5,
    memoryReservationMiB: 128,
    update: { delaySeconds: 90, monitorSeconds: 3605 - 5 },
    deployTimeoutSeconds: 3605,
  };

  test("are said as the provider reads them back", () => {
    const registry = swarmRegistry({ registryService: options, registryOptions: { memoryMiB: 512 } });
    const service = named(synthesised(registry), "docker_service", "local-registry");
    expect(service.task_spec.placement).toEqual({
      constraints: ["node.labels.registry==yes"],
      prefs: ["node.labels.zone"],
      max_replicas: 1,
    });
    expect(service.task_spec.resources).toEqual({
      limits: { memory_bytes: 536870912, nano_cpus: 1500000000 },
      reservation: { memory_bytes: 134217728, nano_cpus: 500000000 },
    });
    // There may be no room for two on a node.
    expect(service.update_config).toMatchObject({ order: "stop-first", delay: "1m30s", monitor: "1h" });
    expect(service.converge_config.timeout).toBe("1h0m5s");
  });
});

test("networks are encrypted where that is wanted", () => {
  const { resource, data } = synthesised(swarmRegistry({ encryptedNetworks: true }));
  // Services find them among those that are made here.
  expect(data).toBeUndefined();
  const encrypted = Object.values<any>(resource.docker_network).filter(({ options }) => options?.encrypted === "");
  // Swarm adds to the options.
  expect(encrypted.every(({ lifecycle }) => lifecycle.ignore_changes.includes("options"))).toBe(true);
  expect(encrypted.map(({ name }) => name).sort()).toEqual([
    "local-cache-encrypted",
    "local-registry-encrypted",
    "local-registry-outbound-encrypted",
  ]);
});

describe("what needs one machine is refused, with what to do instead", () => {
  const wrong: [string, Partial<SwarmRegistryProps>, string][] = [
    [
      "a volume",
      { storage: RegistryStorage.filesystem() },
      'storage is "a volume", expected a storage that all nodes reach: replicas on several machines share no volume. Fix: write RegistryStorage.s3',
    ],
    ["memory", { storage: RegistryStorage.inMemory() }, 'storage is "the memory of one process"'],
    [
      "a socket",
      { registryOptions: { listener: RegistryListener.unixSocket() } },
      'listener is "a unix socket", expected a port',
    ],
    [
      "no shared secret",
      { registryOptions: { configOverrides: { http: { secret: "" } } } },
      'configOverrides.http.secret is "", expected the secret that all replicas share',
    ],
    ["tags that stay", { registryOptions: { immutableTags: [{ tags: ["v*"] }] } }, 'immutableTags is "rules"'],
    [
      "quotas",
      { registryOptions: { quotas: [RepositoryQuota.of("**", { maxTags: 1 })] } },
      'quotas is "quotas", expected none: each node has a proxy',
    ],
    ["snapshots", { redisOptions: { snapshotSeconds: 60 } }, "snapshotSeconds is 60"],
    [
      "more replicas than there is room for",
      { replicas: 3, nodes: 2, registryService: { placement: { maxReplicasPerNode: 1 } } },
      "replicas is 3, expected at most 2: placement.maxReplicasPerNode is 1, and there are 2 nodes",
    ],
    [
      "an update that could not begin",
      {
        replicas: 2,
        nodes: 2,
        registryService: { placement: { maxReplicasPerNode: 1 }, update: { order: UpdateOrder.START_FIRST } },
      },
      'update.order is "start-first", expected stop-first',
    ],
    ["no CPU", { registryService: { cpuLimit: 0 } }, "cpuLimit is 0"],
    [
      "a constraint that Swarm does not know",
      { registryService: { placement: { constraints: ["zone=a"] } } },
      'placement.constraints is "zone=a"',
    ],
    [
      "a label without its kind",
      { registryService: { placement: { spreadOver: ["zone"] } } },
      'placement.spreadOver is "zone"',
    ],
  ];

  test.each(wrong)("%s", (_, props, message) => {
    expect(() => swarmRegistry(props)).toThrow(message);
  });

  test("a file that Swarm would not take", () => {
    const registry = swarmRegistry({ proxyOptions: { extraServerDirectives: [`# ${"x".repeat(500 * 1024)}`] } });
    expect(() => synthesised(registry)).toThrow(/nginx\.conf is "a file of \d+ bytes", expected at most 512000/);
  });
});
