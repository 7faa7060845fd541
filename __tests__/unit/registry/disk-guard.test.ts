import { spawnSync } from "node:child_process";
import {
  DiskReserve,
  MirrorContainer,
  RegistryContainer,
  type RegistryContainerProps,
  RegistryStorage,
} from "../../../lib";
import { watchDiskScript, withReserveCheck } from "../../../lib/registry/disk-guard";
import { resources, synth } from "../synth";

const reserve = DiskReserve.mebibytes(64);
const synthRegistry = (props: RegistryContainerProps = {}) =>
  synth((stack) => new RegistryContainer(stack, "Registry", props));
const script = (props?: RegistryContainerProps) => {
  const { upload } = resources(synthRegistry(props), "docker_container").Registry_Config_Writer;
  return upload.find(({ file }: { file: string }) => file.endsWith("bin/watch-disk"))?.content;
};

describe("a disk's reserve", () => {
  test("is there where nothing is said, and small", () => {
    expect(script()).toContain(`mostKiB=${512 * 1024}\npercent=5\n`);
    expect(script({ diskReserve: reserve })).toContain(`mostKiB=${64 * 1024}\npercent=100\n`);
    expect(script({ diskReserve: DiskReserve.percent(7) })).toContain("percent=7\n");
  });

  test("can be left out, and with it all that watches it", () => {
    const diskReserve = DiskReserve.none();
    expect(script({ diskReserve })).toBeUndefined();
    expect(synthRegistry({ diskReserve })).not.toContain("/run/status");
  });

  test.each([0, -1, 15, 1.5, Number.NaN])("is not %s MiB", (mebibytes) => {
    expect(() => DiskReserve.mebibytes(mebibytes)).toThrow(/mebibytes is .*expected a whole number from 16 to/);
  });

  test.each([0, -5, 100, 101, 2.5])("is not %s %%", (percent) => {
    expect(() => DiskReserve.percent(percent)).toThrow(/percent is .*expected a whole number from 1 to 99/);
  });

  test("is refused where pushes fill no disk, and there is none by default", () => {
    const storage = RegistryStorage.inMemory();
    expect(() => synthRegistry({ storage, diskReserve: reserve })).toThrow(/not in a volume.*Fix: leave it out/);
    const upstream = { url: "https://registry.example.com" };
    const mirror = (diskReserve?: DiskReserve) =>
      synth((stack) => new MirrorContainer(stack, "Mirror", { upstream, diskReserve }));
    expect(() => mirror(reserve)).toThrow(/pulls fill a mirror.*upstream.ttlHours/);
    for (const text of [
      synthRegistry({ storage }),
      synthRegistry({ storage, diskReserve: DiskReserve.none() }),
      mirror(),
    ]) {
      expect(text).not.toContain("watch-disk");
    }
  });

  test("is refused by the deploy where the whole disk is not larger", () => {
    const check = (value: DiskReserve) => {
      const text = withReserveCheck("echo checked", { folder: "/data", reserve: value }, "/");
      const { status, stdout, stderr } = spawnSync("sh", ["-c", text], { encoding: "utf8" });
      return { status, said: stdout + stderr };
    };
    expect(check(reserve)).toEqual({ status: 0, said: "checked\n" });
    expect(check(DiskReserve.percent(99))).toEqual({ status: 0, said: "checked\n" });
    expect(check(DiskReserve.mebibytes(2 ** 30))).toEqual({
      status: 1,
      said: expect.stringMatching(/^diskReserve is 1073741824 MiB, and the whole disk .* has \d+ MiB\. Fix: .*\n$/),
    });
  });

  test("is watched by a script for every shell", () => {
    const text = watchDiskScript({ folder: "/var/lib/registry", reserve });
    expect(spawnSync("sh", ["-n"], { input: text, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  });
});
