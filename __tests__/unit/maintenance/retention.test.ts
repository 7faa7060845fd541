import { Retention, type RetentionProps } from "../../../lib";
import { immutableRules } from "../../../lib/maintenance/immutable-rules";
import { FakeStorage } from "./fake-storage";

const DAY = 24;

describe("retention", () => {
  let storage: FakeStorage;
  const listed = async (props: RetentionProps, immutableTags = "") => {
    const { rules, untaggedSeconds } = Retention.of(props);
    storage.writeWith({ retentionRules: rules, untaggedSeconds, immutableTags });
    const { output, exitCode } = await storage.run(["collect", "--dry-run"]);
    expect(exitCode).toBe(0);
    return output.split("\n").filter((line) => /^(tag|manifest) /.test(line));
  };

  beforeEach(() => {
    storage = new FakeStorage();
  });
  afterEach(() => storage.remove());

  it("keeps the tags that were pushed last", async () => {
    for (const [tag, days] of Object.entries({ a: 5, b: 4, c: 3, d: 2 })) {
      storage.image("team/app", tag, { hours: days * DAY });
    }
    storage.image("other/app", "z", { hours: 99 * DAY });
    const rules = [{ repositories: ["team/*"], keepLastPushed: 2 }];
    expect(await listed({ rules, untaggedAfterDays: 100 })).toEqual(["tag team/app:a", "tag team/app:b"]);
  });

  it("keeps tags that are younger, have a name or a version", async () => {
    for (const tag of ["latest", "v1.4.2", "1.5.0-rc.1", "2.0.0", "nightly", "1.4", "main-1.4.0"]) {
      storage.image("app", tag, { hours: 50 * DAY });
    }
    storage.image("app", "young", { hours: 2 * DAY });
    const rules = [{ keepYoungerThanDays: 3, keepVersions: "^1.4.0", keepTags: ["lat*"] }];
    expect(await listed({ rules, untaggedAfterDays: 100 })).toEqual([
      "tag app:2.0.0",
      "tag app:main-1.4.0",
      "tag app:nightly",
    ]);
  });

  it("leaves immutable tags, whatever the rules say", async () => {
    for (const repository of ["team/app", "other/app", "base"]) {
      for (const tag of ["v1", "x1"]) {
        storage.image(repository, tag, { hours: 99 * DAY });
      }
    }
    const immutableTags = immutableRules([{ tags: ["v*"], repositories: ["team/**", "**/base"] }]);
    const rules = [{ keepTags: ["none"] }];
    expect(await listed({ rules, untaggedAfterDays: 100 }, immutableTags)).toEqual([
      "tag base:x1",
      "tag other/app:v1",
      "tag other/app:x1",
      "tag team/app:x1",
    ]);
  });

  it("takes the first rule that is for a repository", async () => {
    storage.image("team/app", "old");
    storage.image("team/lib/core", "old");
    const rules = [
      { repositories: ["team/*"], keepTags: ["old"] },
      { repositories: ["team/**"], keepTags: ["new"] },
    ];
    expect(await listed({ rules, untaggedAfterDays: 100 })).toEqual(["tag team/lib/core:old"]);
  });

  it("takes untagged manifests after their time, but none that an image needs", async () => {
    const child = storage.image("app", undefined, { word: "child" });
    const index = storage.index("app", "latest", [child.manifest]);
    const signature = storage.image("app", undefined, { word: "signature", subject: index });
    const ofSignature = storage.image("app", undefined, { word: "of the signature", subject: signature.manifest });
    const attestation = storage.image("app", `sha256-${child.manifest}.att`);
    const list = storage.index("app", `sha256-${index}`, [signature.manifest]);
    const loose = storage.image("app", undefined, { word: "loose" });
    const young = storage.image("app", undefined, { word: "young", hours: 1 });
    const gone = await listed({ untaggedAfterDays: 2 });
    expect(gone).toEqual([`manifest app@sha256:${loose.manifest}`]);
    await storage.run(["collect"]);
    const kept = [child, signature, ofSignature, attestation, young].flatMap(({ manifest, blobs }) => [
      manifest,
      ...blobs,
    ]);
    expect([...kept, index, list].filter((hex) => !storage.has(hex))).toEqual([]);
    expect([loose.manifest, ...loose.blobs].filter((hex) => storage.has(hex))).toEqual([]);
  });

  it("takes with a tag what only that image needed, its signatures too", async () => {
    const image = storage.image("app", "old");
    const signature = storage.image("app", `sha256-${image.manifest}.sig`);
    const kept = storage.image("app", "latest");
    expect(await listed({ rules: [{ keepTags: ["latest"] }], untaggedAfterDays: 1 })).toEqual([
      expect.stringContaining("manifest app@sha256:"),
      expect.stringContaining("manifest app@sha256:"),
      "tag app:old",
      `tag app:sha256-${image.manifest}.sig`,
    ]);
    const before = storage.tree();
    await storage.run(["collect"]);
    expect([kept.manifest, ...kept.blobs].every((hex) => storage.has(hex))).toBe(true);
    expect([...image.blobs, ...signature.blobs].some((hex) => storage.has(hex))).toBe(false);
    await storage.run(["undo"]);
    expect(storage.tree()).toEqual(before);
  });

  it("keeps a manifest that two tags name while one of them stays", async () => {
    const { manifest } = storage.image("app", "old");
    storage.tag("app", "latest", manifest);
    expect(await listed({ rules: [{ keepTags: ["latest"] }], untaggedAfterDays: 0 })).toEqual(["tag app:old"]);
    expect((await storage.run(["collect"])).exitCode).toBe(0);
    expect(storage.has(manifest)).toBe(true);
  });

  it("takes no tags without rules", async () => {
    storage.image("app", "old");
    expect(await listed({ untaggedAfterDays: 0 })).toEqual([]);
  });

  it.each([
    [{ rules: [{}] }, "rules[0] is {}, expected a rule that keeps something"],
    [{ rules: [{ keepLastPushed: 0 }] }, "expected a rule that keeps something"],
    [{ rules: [{ keepLastPushed: -1 }] }, "rules[0].keepLastPushed is -1, expected a whole number from 0"],
    [{ rules: [{ keepYoungerThanDays: 1.5 }] }, "rules[0].keepYoungerThanDays is 1.5"],
    [{ rules: [{ keepTags: ["a|b"] }] }, 'rules[0].keepTags is "a|b"'],
    [{ rules: [{ keepTags: ["latest"], repositories: [] }] }, "rules[0].repositories"],
    [{ rules: [{ keepVersions: "one" }] }, 'rules[0].keepVersions is "one", expected a range of versions'],
    [{ rules: [{ keepVersions: ">=2 <1" }] }, "expected a range that some version is in"],
    [{ untaggedAfterDays: -1 }, "untaggedAfterDays is -1"],
  ])("refuses %j", (props, message) => {
    expect(() => Retention.of(props)).toThrow(message);
  });
});
