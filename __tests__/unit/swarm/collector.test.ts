import type { TerraformStack } from "cdktf";
import {
  ExistingRedis,
  GarbageCollection,
  Retention,
  Schedule,
  SwarmRegistry,
  type SwarmRegistryProps,
} from "../../../lib";
import { bucket, http, named, swarmRegistry, synthesised } from "./swarm-stack";

const maintained = (props: Partial<SwarmRegistryProps> = {}) => {
  const maintenance = GarbageCollection.of({ schedule: Schedule.daily("02:00") });
  return swarmRegistry({ replicas: 3, ...props, registryOptions: { maintenance, ...props.registryOptions } });
};

/** The files of a service, by name. */
const files = (configuration: any, service: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries<string>(configuration.locals)
      .map(([name, text]) => [new RegExp(`^${service}_Files_([\\w-]+)_Content_`).exec(name)?.[1], text])
      .filter(([name]) => name),
  );

describe("the collector of a Swarm's garbage", () => {
  const configuration = synthesised(maintained());
  const service = named(configuration, "docker_service", "local-collector");

  test("is one task that nobody reaches, and that reaches the bucket and the cache", () => {
    expect(service.mode).toEqual({ replicated: { replicas: 1 } });
    expect(service.endpoint_spec.ports).toBeUndefined();
    expect(service.task_spec.networks_advanced.map(({ id }: { id: string }) => id)).toEqual([
      expect.stringMatching(/^\$\{docker_network\.Cache_Network_\w+\.id\}$/),
      expect.stringMatching(/^\$\{docker_network\.Registry_Outbound_\w+\.id\}$/),
    ]);
    expect(service.update_config.order).toBe("stop-first");
  });

  test("comes after the registries, as those of before would not say that they write", () => {
    expect(service.depends_on).toEqual([expect.stringMatching(/^docker_service\.Registry_\w+$/)]);
  });

  test("waits for as many registries as there are", () => {
    const { "bin-maintain": script, ...others } = files(configuration, "Registry_Collector");
    expect(script).toContain('[ -z "$others" ] && [ $readers -ge 3 ]');
    expect(script).toContain("offset=7200");
    expect(Object.keys(others).sort()).toEqual([
      "bin-forget-cache",
      "bin-in-flight",
      "ledgeryml",
      "read-onlyyml",
      "redis-password",
    ]);
  });

  test("tells Redis itself to forget, by the password of its service", () => {
    expect(files(configuration, "Registry_Collector")["bin-forget-cache"]).toContain("address='local-cache:6379'");
  });

  test("leaves its words in a folder of the bucket, which no cache stands before", () => {
    const ledger = files(configuration, "Registry").ledgeryml;
    expect(ledger).toContain("rootdirectory: /maintenance");
    expect(ledger).toContain("addr: :5010");
    expect(ledger).not.toMatch(/cache|redis|notifications|auth:/);
  });
});

describe("the registries of a Swarm with a collector", () => {
  const configuration = synthesised(maintained());
  const { container_spec: container } = named(configuration, "docker_service", "local-registry").task_spec;

  test("say that they write before they do, and end when they cannot say so any more", () => {
    const [, , script] = container.command;
    expect(script.indexOf("maintain recover")).toBeLessThan(script.lastIndexOf("take_over ||"));
    expect(script).toContain('kill -0 "$scheduler"');
    expect(script).toContain("maintain leave");
  });

  test("start read-only while somebody collects", () => {
    expect(container.command[2]).toContain("[ ! -e /tmp/wish ] || wanted=read-only.yml");
  });

  test("are held off by each nginx meanwhile", () => {
    const proxy = named(configuration, "docker_service", "local-proxy").task_spec.container_spec;
    expect(proxy.command[2]).toContain("http://local-registry:5010/v2/gate/manifests/now");
    expect(files(configuration, "Proxy").nginxconf).toContain("if (-f /tmp/window)");
  });

  test("have none of it without maintenance", () => {
    const plain = synthesised(swarmRegistry());
    expect(Object.values<any>(plain.resource.docker_service).map(({ name }) => name)).not.toContain("local-collector");
    expect(JSON.stringify(plain)).not.toMatch(/5010|\/tmp\/window/);
  });
});

describe("what a collection on a Swarm cannot have is refused", () => {
  const wrong: [string, Partial<SwarmRegistryProps>, string][] = [
    [
      "retention",
      {
        registryOptions: {
          maintenance: GarbageCollection.of({
            retention: Retention.of({ rules: [{ repositories: ["**"], keepLastPushed: 3 }] }),
          }),
        },
      },
      'maintenance.retention is "rules", expected nothing for a storage in S3',
    ],
    [
      "an undo",
      { registryOptions: { maintenance: GarbageCollection.of({ undoDays: 3 }) } },
      "maintenance.undoDays is 3",
    ],
    [
      "a maintenance that is made for one registry",
      { registryOptions: { maintenance: { bindToRegistry: () => ({ config: {} }) } } },
      'maintenance is "a maintenance that knows of one registry only", expected one that collects for several. Fix: take GarbageCollection.of()',
    ],
    ["a registry that takes no writes", { registryOptions: { readOnly: true } }, "expected none where readOnly is set"],
  ];

  test.each(wrong)("%s", (_, props, message) => {
    expect(() => maintained(props)).toThrow(message);
  });

  test("a second registry that writes to the same bucket", () => {
    const registry = maintained();
    new SwarmRegistry(registry.node.scope as TerraformStack, "Other", { endpoint: http, storage: bucket() });
    expect(() => synthesised(registry)).toThrow(
      'maintenance collects in the bucket "images", expected no other registry',
    );
  });
});

test("a Redis of somebody else's is emptied too", () => {
  const cache = new ExistingRedis({ address: "redis.example.com:6379" });
  const configuration = synthesised(maintained({ redisCache: false, registryOptions: { cache } }));
  expect(files(configuration, "Registry_Collector")["bin-forget-cache"]).toContain("redis.example.com:6379");
});
