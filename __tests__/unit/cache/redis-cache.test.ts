import { Network } from "@cdktf/provider-docker/lib/network";
import { Password } from "@cdktf/provider-random/lib/password";
import { parse } from "yaml";
import { ExistingRedis, RedisCache, type RedisCacheProps, RegistryContainer, RegistryImage } from "../../../lib";
import { LEAST_RIGHTS, resources, reviewed, secret, stackOf, synth } from "../synth";

const synthCached = (image: RegistryImage, props?: RedisCacheProps) =>
  synth((stack) => {
    new RegistryContainer(stack, "Registry", { image, cache: new RedisCache(stack, "Cache", props) });
  });

const upload = (synthesised: string, writer: string, name: string): string =>
  resources(synthesised, "docker_container")[writer].upload.find(({ file }: { file: string }) => file.endsWith(name))
    .content;

const registryConfig = (image: RegistryImage, props?: RedisCacheProps) =>
  parse(upload(synthCached(image, props), "Registry_Config_Writer", "config.yml"));

const redisConf = (props?: RedisCacheProps) =>
  upload(synthCached(RegistryImage.V3, props), "Cache_Config_Writer", "redis.conf");

describe("a Redis cache", () => {
  test("asks for a password that nobody chose", () => {
    expect(synthCached(RegistryImage.V3)).toHaveResourceWithProperties(Password, { length: 48, special: false });
    expect(redisConf()).toMatch(/^requirepass \$\{random_password\.Cache_Password_\w+\.result\}$/m);
  });

  test("forgets the oldest when it is full, and writes nothing to a disk", () => {
    expect(redisConf()).toContain("maxmemory 128mb\nmaxmemory-policy allkeys-lru\n");
    expect(redisConf()).toMatch(/^save ""$/m);
    expect(redisConf()).toMatch(/^appendonly no$/m);
  });

  test("remembers over a restart where that is wanted", () => {
    expect(redisConf({ snapshotSeconds: 60 })).toContain("save 60 1\ndir /data\n");
  });

  test("gives its container more memory than it may fill", () => {
    const memory = (maxMemoryMiB: number) => {
      const { Cache } = resources(synthCached(RegistryImage.V3, { maxMemoryMiB }), "docker_container");
      expect(Cache).toMatchObject({ ...LEAST_RIGHTS, memory_swap: Cache.memory });
      return Cache.memory;
    };
    expect(memory(64)).toBe(128);
    // Twice as much would not be enough for Redis itself.
    expect(memory(8)).toBe(40);
  });

  test("shows its password in no plan", () => {
    const synthesised = synthCached(RegistryImage.V3);
    const cache = reviewed(synthesised, "Cache_Config");
    expect(cache["redis.conf"]).toContain("requirepass (sensitive)");
    expect(Object.keys(cache)).toEqual(["redis.conf"]);
    expect(parse(reviewed(synthesised, "Registry_Config")["config.yml"]).redis.password).toBe("(sensitive)");
  });
});

describe("a registry of version 3", () => {
  test("reaches its cache by a socket, without a network", () => {
    const synthesised = synthCached(RegistryImage.V3);
    expect(synthesised).not.toHaveResource(Network);
    const { Registry, Cache } = resources(synthesised, "docker_container");
    expect([Registry.network_mode, Cache.network_mode]).toEqual(["none", "none"]);
    expect(registryConfig(RegistryImage.V3)).toMatchObject({
      storage: { cache: { blobdescriptor: "redis" } },
      redis: {
        addrs: ["/run/redis/redis.sock"],
        db: 0,
        dialtimeout: "5ms",
        readtimeout: "5ms",
        writetimeout: "5ms",
        maxretries: -1,
        poolsize: 64,
        maxidleconns: 16,
        connmaxidletime: "300s",
      },
    });
  });
});

describe("a registry of version 2", () => {
  test("reaches its cache through an internal network of the cache's own", () => {
    const synthesised = synthCached(RegistryImage.V2);
    expect(synthesised).toHaveResourceWithProperties(Network, { name: "local-cache", internal: true });
    const { Registry, Cache } = resources(synthesised, "docker_container");
    expect(Registry.networks_advanced).toEqual(Cache.networks_advanced);
    expect(Cache.network_mode).toBeUndefined();
  });

  test("is told of it as its version reads it", () => {
    const { redis } = registryConfig(RegistryImage.V2, { readTimeoutMs: 20, maxIdleConnections: 8 });
    expect(redis).toEqual({
      addr: "local-cache:6379",
      password: expect.stringMatching(/^\$\{jsonencode\(random_password/),
      db: 0,
      dialtimeout: "2ms",
      readtimeout: "20ms",
      writetimeout: "2ms",
      pool: { maxidle: 8, maxactive: 64, idletimeout: "300s" },
    });
  });
});

describe("a Redis cache fails when", () => {
  test.each<[string, RedisCacheProps, RegExp]>([
    ["a time-out is negative", { readTimeoutMs: -10 }, /readTimeoutMs is -10, expected a whole number from 1/],
    ["a time-out is a text", { dialTimeoutMs: "10ms" as unknown as number }, /dialTimeoutMs is "10ms"/],
    ["the database does not exist", { database: 16 }, /database is 16/],
    [
      "its container is smaller than what it may fill",
      { maxMemoryMiB: 256, memoryMiB: 256 },
      /memoryMiB is 256, expected at least 288/,
    ],
  ])("%s", (_, props, message) => {
    expect(() => new RedisCache(stackOf(), "Cache", props)).toThrow(message);
  });
});

describe("a Redis that is there already", () => {
  test("is reached by its address", () => {
    const address = "redis.example.com:6379";
    const cache = new ExistingRedis({ address, password: secret("password"), networkNames: ["shared"] });
    const synthesised = synth((stack) => {
      new RegistryContainer(stack, "Registry", { cache });
    });
    const { redis } = parse(upload(synthesised, "Registry_Config_Writer", "config.yml"));
    expect(redis).toMatchObject({
      addrs: [address],
      password: expect.stringContaining("the password"),
      readtimeout: "10ms",
    });
    expect(resources(synthesised, "docker_container").Registry.networks_advanced).toEqual([{ name: "shared" }]);
  });

  test("fails when its address has a scheme", () => {
    expect(() => new ExistingRedis({ address: "redis://redis.example.com:6379" })).toThrow(
      'ExistingRedis: address is "redis://redis.example.com:6379", expected host and port, without a scheme. Fix: write it like "redis.example.com:1234".',
    );
  });
});
