import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import {
  MirrorContainer,
  NginxProxy,
  PublicEndpoint,
  RegistryContainer,
  RegistryStorage,
  RepositoryQuota,
} from "../../../lib";
import policy from "../../../lib/proxy/njs/policy";
import { countScript, repositoryExpression } from "../../../lib/proxy/quotas";
import { removeDirectory, runName, scratchDirectory } from "../../../testing/machine/scratch";
import { resources, reviewed, synth } from "../synth";

const endpoint = (port: number) => PublicEndpoint.http({ host: "localhost", port });
const TEAM = RepositoryQuota.of("team/**", { maxMiB: 20, maxTags: 5 });

const synthQuotas = (quotas: RepositoryQuota[], proxies = 1, acceleratedPulls?: boolean) =>
  synth((stack) => {
    const registry = new RegistryContainer(stack, "Registry", { quotas });
    for (let i = 0; i < proxies; i++) {
      new NginxProxy(stack, `Proxy${i}`, { endpoint: endpoint(5000 + i), registry, acceleratedPulls });
    }
  });

const hex = (letter: string) => letter.repeat(64);

describe("the script that counts", () => {
  const QUOTAS = [
    RepositoryQuota.of("team/**", { maxMiB: 1, maxTags: 5 }),
    RepositoryQuota.of("**/base", { maxTags: 1 }),
    RepositoryQuota.of("none/**", { maxMiB: 1 }),
  ];
  let root: string;
  const write = (name: string, bytes = 71) => {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), Buffer.alloc(bytes));
  };
  const link = (repository: string, name: string) =>
    write(`docker/registry/v2/repositories/${repository}/${name}/link`);
  const blob = (letter: string, bytes: number) =>
    write(`docker/registry/v2/blobs/sha256/${hex(letter).slice(0, 2)}/${hex(letter)}/data`, bytes);
  const count = (quotas = QUOTAS) => {
    const said = execFileSync("sh", ["-c", countScript(quotas, root, `${root}/counted`)], { encoding: "utf8" });
    return { said, ...JSON.parse(fs.readFileSync(`${root}/counted/counted`, "utf8")) };
  };

  beforeEach(() => {
    root = scratchDirectory(runName("count"));
    fs.mkdirSync(`${root}/counted`);
  });
  afterEach(() => removeDirectory(root));

  test("finds nothing where nothing was pushed", () => {
    const nothing = { bytes: 0, tags: 0 };
    expect(count()).toEqual({
      said: "",
      number: 1,
      used: { "team/**": nothing, "**/base": nothing, "none/**": nothing },
    });
  });

  test("counts each blob of a quota once, manifests too, and tags", () => {
    blob("a", 3_000_000_000 / 1000);
    blob("b", 50);
    blob("c", 7);
    for (const repository of ["team/app", "team/deep/base", "other"]) {
      link(repository, `_layers/sha256/${hex("a")}`);
    }
    link("team/app", `_layers/sha256/${hex("d")}`);
    link("team/app", `_manifests/revisions/sha256/${hex("b")}`);
    link("team/app", "_manifests/tags/v1/current");
    link("team/app", `_manifests/tags/v1/index/sha256/${hex("b")}`);
    link("team/deep/base", "_manifests/tags/index/current");
    link("team/deep/base", "_manifests/tags/v2/current");
    link("other", `_layers/sha256/${hex("c")}`);
    write(`docker/registry/v2/repositories/team/app/_uploads/1/data`, 9);
    const found = count();
    expect(found.used).toEqual({
      "team/**": { bytes: 3_000_050, tags: 3 },
      "**/base": { bytes: 3_000_000, tags: 2 },
      "none/**": { bytes: 0, tags: 0 },
    });
    expect(found.said).toBe(
      `quota of team/**: more is there than it allows, 2.9 MiB and 3 tags: pushes are refused, pulls and deletes go on
quota of **/base: more is there than it allows, 2.9 MiB and 2 tags: pushes are refused, pulls and deletes go on
`,
    );
    // Not before it is due, but for who asks.
    expect(count().number).toBe(1);
    fs.writeFileSync(`${root}/counted/wanted`, "");
    // A count has a pause after it, the longer it took.
    let again = count();
    while (again.number === 1) {
      again = count();
    }
    expect(again).toMatchObject({ number: 2, said: "" });
    expect(fs.readdirSync(`${root}/counted`).sort()).toEqual(["counted", "exceeded", "next", "said", "started"]);
    // As long as it is so.
    expect(fs.readFileSync(`${root}/counted/exceeded`, "utf8")).toBe(found.said);
  });
});

describe("quotas", () => {
  test("are a file of the proxy, a quota a line", () => {
    const text = synthQuotas([TEAM, RepositoryQuota.of("**", { maxMiB: 500 })]);
    expect(reviewed(text, "Proxy0_Config")["quotas.json"]).toBe(`[
  {"repositories": "team/**", "maxMiB": 20, "maxTags": 5},
  {"repositories": "**", "maxMiB": 500}
]
`);
  });

  test("have the registry's data in the proxy, once, also where it does not send it", () => {
    for (const accelerated of [undefined, false]) {
      const { volumes } = resources(synthQuotas([TEAM], 1, accelerated), "docker_container").Proxy0;
      const data = volumes.filter((one: { container_path: string }) => one.container_path === "/var/lib/registry");
      expect(data).toEqual([expect.objectContaining({ read_only: true })]);
    }
  });

  test("are named by the proxy's health check where more is there", () => {
    const { healthcheck } = resources(synthQuotas([TEAM]), "docker_container").Proxy0;
    expect(healthcheck.test.join(" ")).toContain("cat /tmp/quotas/exceeded");
  });

  test("cost a registry without them nothing", () => {
    expect(synthQuotas([])).not.toContain("quota");
  });

  test.each(["**", "team/**", "**/base", "a/**/b", "a.b/*", "team-*/x", "a"])(
    "are counted where they hold: %s",
    (pattern) => {
      const expression = new RegExp(`^${repositoryExpression(pattern)}$`);
      const names = [
        "a",
        "b",
        "base",
        "team",
        "team/a",
        "team/a/base",
        "x/base",
        "a/b",
        "a/x/b",
        "a/x/y/b",
        "a.b/c",
        "axb/c",
        "a.b/c/d",
        "team-a/x",
      ];
      for (const name of names) {
        expect([name, expression.test(name)]).toEqual([name, policy.covers(pattern, name)]);
      }
    },
  );

  test("are looked for where they can be", () => {
    const roots = (...patterns: string[]) =>
      /find (.*) -name _uploads/.exec(
        countScript(
          patterns.map((pattern) => RepositoryQuota.of(pattern, { maxTags: 1 })),
          "/data",
        ),
      )?.[1];
    expect(roots("team/a/**", "team/**", "other/x*", "team-b/app")).toBe("other team team-b/app");
    expect(roots("team/**", "**/base")).toBe(".");
  });

  test.each([
    ["Team/**", { maxMiB: 1 }, /repositories is "Team\/\*\*".*Fix/],
    ["team/", { maxMiB: 1 }, /repositories is "team\/"/],
    ["team/**", {}, /limits is .*expected maxMiB, maxTags or both/],
    ["team/**", { maxMiB: 0 }, /maxMiB is 0, expected a whole number from 1/],
    ["team/**", { maxMiB: -1 }, /maxMiB is -1/],
    ["team/**", { maxTags: 0.5 }, /maxTags is 0.5/],
  ])("are refused where they make no sense: %s %j", (pattern, limits, message) => {
    expect(() => RepositoryQuota.of(pattern, limits)).toThrow(message);
  });

  test("are refused twice for one pattern", () => {
    expect(() => synthQuotas([TEAM, RepositoryQuota.of("team/**", { maxTags: 1 })])).toThrow(
      /quotas\[1\] is "team\/\*\*", expected a pattern that no other quota has/,
    );
  });

  test.each([
    [0, "no proxy is in front of it"],
    [2, "it has local/Proxy0 and local/Proxy1"],
  ])("have one proxy, not %i", (proxies, got) => {
    expect(() => synthQuotas([TEAM], proxies)).toThrow(
      `quotas are kept by the one NginxProxy of a registry, and ${got}`,
    );
  });

  test("are refused for S3 and for a mirror", () => {
    const storage = RegistryStorage.s3({ region: "eu-central-1", bucket: "shared" });
    expect(() => synth((stack) => new RegistryContainer(stack, "Registry", { storage, quotas: [TEAM] }))).toThrow(
      /quotas is "quotas of a storage that is not in a volume", expected those of RegistryStorage.filesystem\(\)/,
    );
    const upstream = { url: "https://registry.example.com" };
    expect(() => synth((stack) => new MirrorContainer(stack, "Mirror", { upstream, quotas: [TEAM] }))).toThrow(
      /quotas is "quotas of a mirror", expected none, because pulls fill a mirror/,
    );
  });
});
