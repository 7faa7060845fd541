import { Container } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import { Password } from "@cdktf/provider-random/lib/password";
import { TerraformVariable, Testing } from "cdktf";
import type { Construct } from "constructs";
import { parse } from "yaml";
import {
  LogDriver,
  RegistryContainer,
  type RegistryContainerProps,
  type RegistryContext,
  RegistryImage,
  RegistryListener,
  RegistryLogLevel,
  RestartPolicy,
} from "../../../lib";
import { annotations, LEAST_RIGHTS, resources, reviewed, stackOf, synth } from "../synth";

const withDefaults = synth((stack) => new RegistryContainer(stack, "Registry"));

const synthRegistry = (props?: RegistryContainerProps) =>
  props ? synth((stack) => new RegistryContainer(stack, "Registry", props)) : withDefaults;

function container(props?: RegistryContainerProps) {
  return resources(synthRegistry(props), "docker_container").Registry;
}

/** config.yml as the registry will read it. */
function config(props?: RegistryContainerProps) {
  const files = resources(synthRegistry(props), "docker_container").Registry_Config_Writer.upload;
  const file = files.find((each: { file: string }) => each.file === "/staged/config.yml");
  return parse(file.content);
}

describe("a registry", () => {
  test("is distribution 3 in a container named after the stack and itself", () => {
    expect(synthRegistry()).toHaveResourceWithProperties(Image, { name: "registry:3.1", keep_locally: true });
    expect(container()).toMatchObject({
      name: "local-registry",
      image: expect.stringMatching(/^\$\{docker_image\.Registry_Image_\w+\.image_id\}$/),
      entrypoint: ["/bin/sh", "-c"],
      command: [expect.stringContaining("registry serve /config/current/config.yml &")],
    });
  });

  test("publishes no port and has no network", () => {
    expect(container().ports).toBeUndefined();
    expect(container()).toMatchObject({ network_mode: "none" });
  });

  test("has nothing that it does not need", () => {
    expect(container()).toMatchObject(LEAST_RIGHTS);
  });

  test("has no memory limit, which would keep blobs out of the page cache", () => {
    expect(container().memory).toBeUndefined();
    expect(container().memory_swap).toBeUndefined();
  });

  test("may have a memory limit, and no swap on top", () => {
    expect(container({ memoryMiB: 64 })).toMatchObject({ memory: 64, memory_swap: 64 });
  });

  test("is started again after a crash and after the engine's restart", () => {
    expect(container().restart).toBe("unless-stopped");
    expect(container({ restartPolicy: RestartPolicy.NO }).restart).toBe("no");
  });

  test("may finish uploads before it ends", () => {
    expect(container()).toMatchObject({ destroy_grace_seconds: 30, stop_timeout: 30 });
    expect(config().http.draintimeout).toBe("30s");
    expect(container({ stopGraceSeconds: 300 })).toMatchObject({ destroy_grace_seconds: 300, stop_timeout: 300 });
    expect(config({ stopGraceSeconds: 300 }).http.draintimeout).toBe("300s");
  });

  test("does not fill the disk with logs", () => {
    expect(container()).toMatchObject({ log_driver: "json-file", log_opts: { "max-size": "10m", "max-file": "5" } });
    expect(container({ logDriver: LogDriver.of("journald") })).toMatchObject({ log_driver: "journald", log_opts: {} });
  });

  test("is deployed when it is healthy, not when it has begun", () => {
    expect(container()).toMatchObject({
      wait: true,
      wait_timeout: 60,
      healthcheck: { test: ["CMD-SHELL", expect.stringContaining("/debug/health")] },
    });
    expect(config().http.debug.addr).toBe("127.0.0.1:5001");
  });

  test("stays when its configuration changes, and is made anew when uploads must have ended", () => {
    const all = JSON.parse(synthRegistry()).resource.docker_container;
    const writer = Object.keys(all).find((address) => address.includes("Writer"));
    expect(container().lifecycle).toBeUndefined();
    expect(container().depends_on).toEqual([`docker_container.${writer}`]);
    expect(container({ readOnly: true }).env).not.toEqual(container().env);
  });

  test("has its configuration tried as it would read it", () => {
    const { command, env } = resources(synthRegistry(), "docker_container").Registry_Config_Writer;
    expect(command[0]).toContain("mkdir -p /config /run/registry /var/lib/registry\n");
    const serving: string[] = container().env;
    expect(env).toEqual(serving.filter((line) => !line.startsWith("HEALTH_CHECK=")));
  });

  test("is made anew when its health check changes, which the provider plans for ever otherwise", () => {
    const health = (props: RegistryContainerProps) =>
      container(props).env.find((line: string) => line.startsWith("HEALTH_CHECK="));
    expect(health({})).toMatch(/^HEALTH_CHECK=[0-9a-f]{12}$/);
    expect(health({})).toBe(health({ catalogLimit: 5 }));
    expect(health({ healthIntervalSeconds: 7 })).not.toBe(health({}));
  });

  test("joins the network of its listener where that is a port", () => {
    const onPort = container({ listener: RegistryListener.tcp(5000) });
    expect(onPort.network_mode).toBeUndefined();
    expect(onPort.networks_advanced).toEqual([{ name: expect.stringMatching(/docker_network\.Registry_Network/) }]);
    expect(onPort.ports).toBeUndefined();
  });

  test("sends no traces to a collector that is not there", () => {
    expect(container().env).toContain("OTEL_TRACES_EXPORTER=none");
    expect(container({ image: RegistryImage.V2 }).env.join()).not.toContain("OTEL");
  });
});

describe("the configuration of a registry", () => {
  test("signs uploads with a secret that survives a restart", () => {
    expect(synthRegistry()).toHaveResourceWithProperties(Password, { length: 48, special: false });
    expect(config().http.secret).toMatch(/^\$\{jsonencode\(random_password\.Registry_HttpSecret_\w+\.result\)\}$/);
  });

  test("refuses deletes unless they are wanted", () => {
    expect(config().storage.delete.enabled).toBe(false);
    expect(config({ deleteEnabled: true }).storage.delete.enabled).toBe(true);
  });

  test("removes uploads that were never finished after a week", () => {
    expect(config().storage.maintenance.uploadpurging).toEqual({
      enabled: true,
      age: "168h",
      interval: "24h",
      dryrun: false,
    });
  });

  test("logs warnings, and more when asked", () => {
    expect(config().log).toMatchObject({ level: "warn", accesslog: { disabled: true } });
    expect(config({ log: { level: RegistryLogLevel.DEBUG } }).log.level).toBe("debug");
  });

  test("lets overrides win over all else", () => {
    const overridden = config({
      configOverrides: { log: { level: "error" }, storage: { maintenance: { readonly: { enabled: true } } } },
    });
    expect(overridden.log).toMatchObject({ level: "error", formatter: "text" });
    expect(overridden.storage.maintenance).toMatchObject({
      readonly: { enabled: true },
      uploadpurging: { enabled: true },
    });
  });

  test("takes what users and a cache add, with their volumes and networks", () => {
    const auth = {
      bindToRegistry: () => ({
        config: { auth: { htpasswd: { realm: "r", path: "/auth/users" } } },
        mounts: [{ volumeName: "users", containerPath: "/auth", readOnly: true }],
      }),
    };
    const cache = {
      bindToRegistry: (_: Construct, { majorVersion }: RegistryContext) => ({
        config: { storage: { cache: { blobdescriptor: `redis for ${majorVersion}` } } },
        networkNames: ["cache"],
      }),
    };
    expect(config({ auth, cache, image: RegistryImage.V2 })).toMatchObject({
      auth: { htpasswd: { realm: "r", path: "/auth/users" } },
      storage: { cache: { blobdescriptor: "redis for 2" } },
    });
    const bound = container({ auth, cache });
    expect(bound.volumes).toContainEqual({ volume_name: "users", container_path: "/auth", read_only: true });
    expect(bound.networks_advanced).toEqual([{ name: "cache" }]);
  });
});

describe("what a plan shows of a registry's configuration", () => {
  test("is config.yml without its secrets", () => {
    const stack = stackOf();
    const password = new TerraformVariable(stack, "redis_password", { sensitive: true }).stringValue;
    const cache = { bindToRegistry: () => ({ config: { redis: { password } }, secrets: [password] }) };
    new RegistryContainer(stack, "Registry", { cache });
    const review = reviewed(Testing.synth(stack, true), "Registry_Config")["config.yml"];
    expect(review).not.toMatch(/\$\{/);
    expect(parse(review)).toMatchObject({
      http: { secret: "(sensitive)", net: "unix" },
      redis: { password: "(sensitive)" },
    });
  });
});

describe("a registry's image", () => {
  test("without a fixed version is warned about", () => {
    const stack = stackOf();
    new RegistryContainer(stack, "Registry", { image: RegistryImage.of("registry:latest", 3) });
    expect(annotations(stack)).toEqual([expect.stringMatching(/^@cdktf\/warn: image registry:latest has no fixed/)]);
  });

  test("of a version that deletes tags where deletes are off is warned about", () => {
    const warnings = (reference: string, props: RegistryContainerProps = {}) => {
      const stack = stackOf();
      new RegistryContainer(stack, "Registry", { image: RegistryImage.of(reference, 3), ...props });
      return annotations(stack);
    };
    for (const old of ["registry:3.1.0", "registry:3.0", "registry:3.0.0-rc.4", "localhost:5000/registry:3.1.0"]) {
      expect(warnings(old)).toEqual([expect.stringMatching(/deletes tags although deletes are off.*Fix: use 3\.1\.1/)]);
    }
    for (const other of ["registry:3.1", "registry:3.1.1", "registry:3.1.2", "registry:3.10.0", "registry:3"]) {
      expect(warnings(other)).toEqual([]);
    }
    expect(warnings("registry:3.1.0", { deleteEnabled: true })).toEqual([]);
    expect(warnings("registry:3.1.0", { readOnly: true })).toEqual([]);
  });
});

describe("a registry fails", () => {
  test("when its container's name has one character", () => {
    expect(() => synthRegistry({ containerName: "r" })).toThrow(
      'local/Registry: containerName is "r", expected at least two characters, the first a letter or digit, the rest letters, digits, _ . or -. Fix: write a name such as "local-registry", or leave it out to get that one.',
    );
  });

  test.each([0, 15, 1.5, "512"])("when its memory is %p", (memoryMiB) => {
    expect(() => synthRegistry({ memoryMiB: memoryMiB as number })).toThrow(
      /^local\/Registry: memoryMiB is .*, expected a whole number from 16 to 1048576\. Fix: write a number such as 512/,
    );
  });

  test.each([0, 3601, "30"])("when its grace period is %p", (stopGraceSeconds) => {
    expect(() => synthRegistry({ stopGraceSeconds: stopGraceSeconds as number })).toThrow(
      /^local\/Registry: stopGraceSeconds is .*, expected a whole number from 1 to 3600\. Fix: write a number such as 30/,
    );
  });
});

test("a registry's container can be overridden", () => {
  const synthesised = synth((stack) => {
    new RegistryContainer(stack, "Registry").resource.addOverride("cpu_set", "0");
  });
  expect(synthesised).toHaveResourceWithProperties(Container, { name: "local-registry", cpu_set: "0" });
});
