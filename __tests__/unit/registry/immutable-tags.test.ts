import {
  GarbageCollection,
  type ImmutableTags,
  MirrorContainer,
  NginxProxy,
  PublicEndpoint,
  RegistryContainer,
  RegistryStorage,
  Retention,
} from "../../../lib";
import { resources, reviewed, synth } from "../synth";

const endpoint = (port: number) => PublicEndpoint.http({ host: "localhost", port });
const synthTags = (immutableTags: ImmutableTags[], proxies = 1) =>
  synth((stack) => {
    const maintenance = GarbageCollection.of({ retention: Retention.of() });
    const registry = new RegistryContainer(stack, "Registry", { immutableTags, maintenance, deleteEnabled: true });
    for (let i = 0; i < proxies; i++) {
      new NginxProxy(stack, `Proxy${i}`, { endpoint: endpoint(5000 + i), registry });
    }
  });

describe("immutable tags", () => {
  test("are a file of the proxy, a rule a line, and known to retention", () => {
    const text = synthTags([{ tags: ["v*", "1.0"], repositories: ["team/**", "**/base", "a.b/*"] }, { tags: ["*"] }]);
    expect(reviewed(text, "Proxy0_Config")["immutable-tags.json"]).toBe(`[
  {"repositories": ["team/**", "**/base", "a.b/*"], "tags": ["v*", "1.0"]},
  {"repositories": ["**"], "tags": ["*"]}
]
`);
    const { upload } = resources(text, "docker_container").Registry_Config_Writer;
    const script = upload.find(({ file }: { file: string }) => file.endsWith("bin/maintain"))?.content;
    expect(script).toContain("immutableTags='team/.* (.*/)?base a[.]b/[^/]*|v.* 1[.]0\n.*|.*'\n");
  });

  test("cost a registry without them nothing", () => {
    expect(synthTags([])).not.toMatch(/_tags\/|immutable-tags/);
  });

  test.each([[[]], [[""]], [["-v"]], [[".v"]], [["a b"]], [["a/b"]], [["v:1"]], [["v?"]], [["v".repeat(129)]]])(
    "are refused where the pattern fits no tag: %p",
    (tags) => {
      expect(() => synthTags([{ tags }])).toThrow(/immutableTags\[0\].tags is .*expected patterns that fit some tag/);
    },
  );

  test.each([[[]], [["Team/**"]], [["team/"]], [[""]]])(
    "are refused in repositories that cannot be: %p",
    (repositories) => {
      expect(() => synthTags([{ tags: ["v*"] }, { tags: ["v*"], repositories }])).toThrow(/repositories is .*Fix/);
    },
  );

  test.each([
    [0, "no proxy is in front of it"],
    [2, "it has local/Proxy0 and local/Proxy1"],
  ])("have one proxy, not %i", (proxies, got) => {
    expect(() => synthTags([{ tags: ["v*"] }], proxies)).toThrow(
      `immutableTags are kept by the one NginxProxy of a registry, and ${got}`,
    );
  });

  test("are refused where another registry has the same bucket", () => {
    const storage = RegistryStorage.s3({ region: "eu-central-1", bucket: "shared" });
    expect(() =>
      synth((stack) => {
        new RegistryContainer(stack, "Other", { storage });
        const immutableTags = [{ tags: ["v*"] }];
        const registry = new RegistryContainer(stack, "Registry", { storage, immutableTags });
        new NginxProxy(stack, "Proxy", { endpoint: endpoint(5000), registry });
      }),
    ).toThrow("immutableTags are kept by the one proxy of a storage, and local/Other is a registry on the same one");
  });

  test("are refused for a mirror", () => {
    expect(() =>
      synth((stack) => {
        const upstream = { url: "https://registry.example.com" };
        new MirrorContainer(stack, "Mirror", { upstream, immutableTags: [{ tags: ["v*"] }] });
      }),
    ).toThrow(/immutableTags is "rules", expected none, because nobody pushes to a mirror/);
  });
});
