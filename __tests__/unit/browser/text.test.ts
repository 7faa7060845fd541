import {
  formatAge,
  formatBytes,
  formatCount,
  formatMediaType,
  parseTime,
  shortDigest,
} from "../../../browser/src/text/format";
import { addressOf, attachedTo, attachmentKind, imageName, placeOf } from "../../../browser/src/text/reference";
import { foundRows, treeOf, treeRows } from "../../../browser/src/text/tree";
import { compareNames, compareTags } from "../../../browser/src/text/versions";

const DIGEST = `sha256:${"a1".repeat(32)}`;

describe("tags", () => {
  test.each([
    [
      ["1.9.0", "1.10.0", "1.2.0"],
      ["1.10.0", "1.9.0", "1.2.0"],
    ],
    [
      ["2.0.0-rc.2", "2.0.0", "2.0.0-rc.10"],
      ["2.0.0", "2.0.0-rc.10", "2.0.0-rc.2"],
    ],
    [
      ["1.0", "latest", "main", "2.0"],
      ["latest", "2.0", "1.0", "main"],
    ],
    [
      ["v1.2.3", "1.10", "v1.2"],
      ["1.10", "v1.2.3", "v1.2"],
    ],
    [
      ["1.2.0", "1.2", "1"],
      ["1.2", "1.2.0", "1"],
    ],
    [
      ["3.2.0-alpine", "3.2.0", "3.2.0a1"],
      ["3.2.0", "3.2.0-alpine", "3.2.0a1"],
    ],
    [
      ["20250101", "20260101"],
      ["20260101", "20250101"],
    ],
    [
      ["build-10", "build-9", "3f2a1b9"],
      ["3f2a1b9", "build-9", "build-10"],
    ],
  ])("%j are shown from the newest version on", (tags, expected) => {
    expect([...tags].sort(compareTags)).toEqual(expected);
    expect([...tags].reverse().sort(compareTags)).toEqual(expected);
  });

  test("that are attachments name what they are attached to", () => {
    const tag = DIGEST.replace(":", "-");
    expect([tag, `${tag}.sig`, `${tag}.att`].map(attachedTo)).toEqual([DIGEST, DIGEST, DIGEST]);
    expect(["1.0", "sha256-abc", "latest"].map(attachedTo)).toEqual([undefined, undefined, undefined]);
    expect([`${tag}.sig`, `${tag}.sbom`, tag].map(attachmentKind)).toEqual(["signature", "SBOM", undefined]);
  });
});

describe("an address", () => {
  test.each([
    ["", { kind: "repositories" }],
    ["#/", { kind: "repositories" }],
    ["#/team/app", { kind: "repository", repository: "team/app" }],
    ["#/team/app:1.2", { kind: "image", repository: "team/app", reference: "1.2" }],
    [`#/team/app@${DIGEST}`, { kind: "image", repository: "team/app", reference: DIGEST }],
  ])("%j leads to what it names", (address, place) => {
    expect(placeOf(address)).toEqual(place);
  });

  test.each([
    "#/<img src=x>",
    "#/Team/app",
    "#/team//app",
    "#/team/../app",
    "#/team/app:1/2",
    "#/team/app@sha256:abc",
    "#/_catalog",
    "#/team/app:%31",
  ])("%j is none of an image", (address) => {
    expect(placeOf(address)).toEqual({ kind: "unknown", address });
  });

  test("is written as clients write images", () => {
    expect([addressOf("a/b"), addressOf("a/b", "1"), addressOf("a/b", DIGEST)]).toEqual([
      "#/a/b",
      "#/a/b:1",
      `#/a/b@${DIGEST}`,
    ]);
    expect(imageName("a", "1")).toBe("a:1");
  });
});

describe("figures", () => {
  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [12_345_678, "12.3 MB"],
    [999_600, "1.0 MB"],
    [250_000_000, "250 MB"],
    [5_400_000_000_000, "5.4 TB"],
  ])("%p bytes are %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test.each([
    [10, "just now"],
    [100, "2 minutes ago"],
    [86_400, "yesterday"],
    [3 * 86_400, "3 days ago"],
    [400 * 86_400, "last year"],
  ])("%p seconds ago is %s", (seconds, text) => {
    const now = Date.UTC(2026, 0, 31);
    expect(formatAge(now - seconds * 1000, now)).toBe(text);
  });

  test("that are no times are left out", () => {
    expect(["yesterday-ish", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", 5, undefined].map(parseTime)).toEqual(
      Array(5).fill(undefined),
    );
    expect(parseTime("2026-01-31T00:00:00Z")).toBe(Date.UTC(2026, 0, 31));
  });

  test("are short, and agree with their nouns", () => {
    expect(shortDigest(DIGEST)).toBe("sha256:a1a1a1a1a1a1");
    expect([formatCount(1, "tag"), formatCount(1234, "tag"), formatCount(2, "repository", "repositories")]).toEqual([
      "1 tag",
      "1,234 tags",
      "2 repositories",
    ]);
  });

  test.each([
    ["application/vnd.oci.image.index.v1+json", "Image index"],
    ["application/vnd.docker.distribution.manifest.v2+json", "Image"],
    ["application/vnd.cncf.helm.config.v1+json", "Helm chart"],
    ["application/vnd.acme.rocket", "application/vnd.acme.rocket"],
  ])("%s is a %s", (type, words) => {
    expect(formatMediaType(type)).toBe(words);
  });
});

describe("a tree of repositories", () => {
  const tree = treeOf(["team/app", "team", "team/lib/core", "base", "app-10", "app-9"]);
  const shown = (open: string[]) =>
    treeRows(tree, (path) => open.includes(path)).map(
      ({ depth, label, count }) => `${"  ".repeat(depth)}${label} ${count}`,
    );

  test("shows folders with what is in them", () => {
    expect(shown([])).toEqual(["app-9 0", "app-10 0", "base 0", "team 2"]);
    expect(shown(["team"])).toEqual(["app-9 0", "app-10 0", "base 0", "team 2", "  app 0", "  lib 1"]);
    expect(shown(["team", "team/lib"]).at(-1)).toBe("    core 0");
  });

  test("knows which folders are repositories too", () => {
    expect(treeRows(tree, () => true).filter(({ isRepository }) => !isRepository)).toMatchObject([
      { path: "team/lib" },
    ]);
  });

  test("may have components that mean something to JavaScript", () => {
    expect(treeOf(["__proto__/constructor", "constructor"]).map(({ label, count }) => [label, count])).toEqual([
      ["__proto__", 1],
      ["constructor", 0],
    ]);
  });

  test("of ten thousand is made in a moment", () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `team-${i % 100}/service-${i}`);
    const started = performance.now();
    expect(treeRows(treeOf(names), () => true)).toHaveLength(10_100);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test("gives way to what is searched for, by all its words", () => {
    const found = (search: string) => foundRows(["team/app", "team/lib", "other/app"], search).map(({ path }) => path);
    expect([found("APP"), found("app te"), found("nothing")]).toEqual([["other/app", "team/app"], ["team/app"], []]);
  });
});

test("names are ordered as people do", () => {
  expect(["app-10", "app-2"].sort(compareNames)).toEqual(["app-2", "app-10"]);
});
