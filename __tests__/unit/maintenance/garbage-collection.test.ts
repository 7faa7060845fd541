import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import {
  ExistingRedis,
  GarbageCollection,
  MirrorContainer,
  NginxProxy,
  PublicEndpoint,
  RedisCache,
  RegistryContainer,
  type RegistryContainerProps,
  RegistryMetrics,
  RegistryStorage,
  Retention,
  Schedule,
  Weekday,
} from "../../../lib";
import { resources, stackOf, synth } from "../synth";

describe("a schedule", () => {
  const due = ({ periodSeconds, offsetSeconds }: Schedule, now: string) => {
    const seconds = Date.parse(now) / 1000;
    return new Date(
      (Math.floor((seconds - offsetSeconds) / periodSeconds) * periodSeconds + offsetSeconds) * 1000,
    ).toISOString();
  };

  it.each([
    [Schedule.daily("03:30"), "2026-11-24T03:29:59Z", "2026-11-23T03:30:00.000Z"],
    [Schedule.daily("03:30"), "2026-11-24T03:30:00Z", "2026-11-24T03:30:00.000Z"],
    [Schedule.weekly(Weekday.SUNDAY, "00:00"), "2026-11-24T12:00:00Z", "2026-11-22T00:00:00.000Z"],
    [Schedule.weekly(Weekday.TUESDAY, "13:00"), "2026-11-24T12:00:00Z", "2026-11-17T13:00:00.000Z"],
    [Schedule.everyHours(6), "2026-11-24T12:00:00Z", "2026-11-24T12:00:00.000Z"],
  ])("%j was due last before %s at %s", (schedule, now, expected) => {
    expect(due(schedule, now)).toBe(expected);
  });

  it.each(["24:00", "3:30", "03:60", "half past three", ""])("is refused at %j", (time) => {
    expect(() => Schedule.daily(time)).toThrow(`Schedule.daily: time is ${JSON.stringify(time)}, expected hours and`);
    expect(() => Schedule.weekly(Weekday.MONDAY, time)).toThrow("Schedule.weekly: time");
  });

  it("is refused on a day that is none, and in hours that are none", () => {
    expect(() => Schedule.weekly("Someday" as Weekday, "03:30")).toThrow('day is "Someday"');
    expect(() => Schedule.everyHours(0)).toThrow("hours is 0, expected a whole number from 1 to 24");
    expect(() => Schedule.everyHours(25)).toThrow("hours is 25");
  });
});

describe("a registry with garbage collection", () => {
  const maintenance = GarbageCollection.of();
  const registryWith = (props: RegistryContainerProps) => new RegistryContainer(stackOf(), "Registry", props);

  it("has a status volume, which its proxy reads", () => {
    const text = synth((stack) => {
      const registry = new RegistryContainer(stack, "Registry", { maintenance });
      const endpoint = PublicEndpoint.http({ host: "localhost", port: 5000 });
      new NginxProxy(stack, "Proxy", { endpoint, registry });
    });
    const containers = resources(text, "docker_container");
    const mounts = (volumes: { container_path: string; read_only: boolean }[]) =>
      volumes.filter(({ container_path }) => container_path === "/run/status").map(({ read_only }) => read_only);
    expect(mounts(containers.Registry.volumes)).toEqual([false]);
    expect(mounts(containers.Proxy.volumes)).toEqual([true]);
    expect(text).toContain("if (-f /run/status/window) {");
  });

  it.each([
    [{ storage: RegistryStorage.inMemory() }, "a garbage collection on a storage in memory"],
    [{ configOverrides: { storage: { azure: {}, filesystem: null } } }, "on another storage than a volume or S3"],
    [{ readOnly: true }, "none where readOnly is set"],
    [
      { configOverrides: { storage: { filesystem: { rootdirectory: "/elsewhere" } } } },
      "a garbage collection of /elsewhere",
    ],
    [
      { configOverrides: { storage: { cache: { blobdescriptor: "redis" } }, redis: { addrs: ["redis:6379"] } } },
      "a cache that cannot be told to forget",
    ],
  ])("is refused with %j", (props, message) => {
    expect(() => registryWith({ maintenance, ...props })).toThrow(message);
  });

  describe("in S3", () => {
    const bucket = (more: { rootDirectory?: string } = {}) =>
      RegistryStorage.s3({ bucket: "images", endpoint: "http://s3:9000", ...more });
    const script = (files: { file: string; content: string }[], name: string) =>
      files.find(({ file }) => file.endsWith(`/${name}`))?.content;

    it("runs the registry's own command, and counts its requests to know when it is at rest", () => {
      const text = synth((stack) => {
        new RegistryContainer(stack, "Registry", { storage: bucket(), maintenance });
      });
      const { upload } = resources(text, "docker_container").Registry_Config_Writer;
      expect(script(upload, "maintain")).toContain("registry garbage-collect");
      expect(script(upload, "in-flight")).toContain("http://127.0.0.1:$(cat /tmp/debug-port)/metrics");
      expect(script(upload, "config.yml")).toContain("prometheus:\n      enabled: true");
    });

    it("asks for the requests in flight where its metrics are", () => {
      const text = synth((stack) => {
        const metrics = RegistryMetrics.prometheus({ path: "/figures" });
        new RegistryContainer(stack, "Registry", { storage: bucket(), maintenance, metrics });
      });
      const { upload } = resources(text, "docker_container").Registry_Config_Writer;
      expect(script(upload, "in-flight")).toContain(":5001/figures");
    });

    it.each([
      [{ undoDays: 1 }, "maintenance.undoDays is 1, expected nothing for a storage in S3"],
      [{ retention: Retention.of({ rules: [], untaggedAfterDays: 3 }) }, "maintenance.retention"],
    ])("is refused with %j", (props, message) => {
      expect(() => registryWith({ storage: bucket(), maintenance: GarbageCollection.of(props) })).toThrow(message);
    });

    it.each([
      ["is refused where another registry writes to the bucket", {}, {}, "Other does. Fix: set readOnly there"],
      ["goes well beside one that is read-only", {}, { readOnly: true }, undefined],
      ["goes well beside one with another folder", { rootDirectory: "/other" }, {}, undefined],
    ])("%s", (_, storage, props, message) => {
      const build = () =>
        synth((stack) => {
          new RegistryContainer(stack, "Registry", { storage: bucket(), maintenance });
          new RegistryContainer(stack, "Other", { storage: bucket(storage), ...props });
        });
      if (message) {
        expect(build).toThrow(message);
      } else {
        build();
      }
    });
  });

  it("is refused for a mirror", () => {
    const upstream = { url: "https://registry.example.com" };
    expect(() => new MirrorContainer(stackOf(), "Mirror", { upstream, maintenance })).toThrow("none for a mirror");
  });

  it.each([
    [{ graceMinutes: -1 }, "graceMinutes is -1, expected a whole number from 0"],
    [{ undoDays: -1 }, "undoDays is -1"],
    [{ windowMinutes: 0 }, "windowMinutes is 0"],
  ])("is refused with %j of its own", (props, message) => {
    expect(() => GarbageCollection.of(props)).toThrow(message);
  });

  it("tells its Redis to forget, and waits for its word", () => {
    const text = synth((stack) => {
      new RegistryContainer(stack, "Registry", { cache: new RedisCache(stack, "Cache"), maintenance });
    });
    expect(text).toContain("forget /run/status-0/forget /run/redis/forgotten-0");
    expect(text).toContain("/staged/bin/forget-cache");
  });

  it("leaves a Redis as it was where there is no garbage collection", () => {
    const text = synth((stack) => {
      new RegistryContainer(stack, "Registry", { cache: new RedisCache(stack, "Cache") });
    });
    expect(text).not.toContain("forgotten-");
  });

  it("empties the database of a Redis that was there before", () => {
    const cache = new ExistingRedis({ address: "redis:6379", database: 3 });
    const text = synth((stack) => {
      new RegistryContainer(stack, "Registry", { cache, maintenance });
    });
    expect(text).toContain("send SELECT 3");
  });
});

test("no program for awk has a quote, which would end it in the script", () => {
  const scripts = path.join(__dirname, "../../../lib/maintenance/scripts");
  const programs = readdirSync(scripts).filter((name) => name.endsWith(".awk"));
  expect(programs).toHaveLength(6);
  expect(programs.filter((name) => readFileSync(path.join(scripts, name), "utf8").includes("'"))).toEqual([]);
});
