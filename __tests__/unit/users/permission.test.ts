import { Permission } from "../../../lib";

describe("a permission", () => {
  test.each([
    ["pull", ["pull"]],
    ["push", ["pull", "push"]],
    ["delete", ["pull", "delete"]],
    ["all", ["pull", "push", "delete"]],
  ] as const)("to %s includes what clients do first", (name, actions) => {
    const permission = Permission[name]("team-a/**", "base/*");
    expect(permission).toEqual({ actions, repositories: ["team-a/**", "base/*"] });
  });

  test.each(["**", "*", "a", "a/b", "team-*/app", "*-ci/**", "a/**/b", "**/cache", "a__*", "a.b-c_d/e", "*a*"])(
    "is for a pattern such as %s",
    (pattern) => {
      expect(() => Permission.pull(pattern)).not.toThrow();
    },
  );

  test.each([
    ["", "team-a/**"],
    ["../secret", "secret"],
    ["a/../b", "a/b"],
    ["a..b", "team-a/**"],
    ["Team/**", "team/**"],
    ["/team/**", "team/**"],
    ["team/", "team"],
    ["team//app", "team/app"],
    ["team/***", "team/**"],
    ["team**", "**"],
    ["-team/*", "team-a/**"],
    ["team-/*", "team-a/**"],
    ["a___b", "team-a/**"],
    ["team/app:1.0", "team/app"],
    ["https://team/app", "team/app"],
    ["team app", "team-a/**"],
    ["[ab]/*", "team-a/**"],
    ["a".repeat(256), "team-a/**"],
  ])("fails for the pattern %p, which fits no repository", (pattern, better) => {
    expect(() => Permission.push("fine", pattern)).toThrow(
      `Permission.push: repositories is ${JSON.stringify(pattern)}, expected a pattern that fits some repository`,
    );
    expect(() => Permission.push(pattern)).toThrow(`Fix: write `);
    expect(() => Permission.push(pattern)).toThrow(`"${better}"`);
  });

  test("fails without a pattern", () => {
    expect(() => Permission.delete()).toThrow(
      'Permission.delete: repositories is [], expected one pattern at least. Fix: write Permission.delete("team-a/**")',
    );
  });

  test("fails for a pattern that is only known at deploy", () => {
    expect(() => Permission.pull("${TfToken[TOKEN.0]}")).toThrow(/a value that is only known at deploy/);
  });
});
