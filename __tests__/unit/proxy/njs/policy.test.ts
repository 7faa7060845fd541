import policy from "../../../../lib/proxy/njs/policy";

describe("a pattern", () => {
  test.each([
    ["**", ["a", "a/b", "a/b/c"], []],
    ["team-a/**", ["team-a/x", "team-a/x/y"], ["team-a", "team-ab/x", "team-b/x", "x/team-a/y"]],
    ["base", ["base"], ["base/x", "based", "bas", "x/base"]],
    ["base/*", ["base/os"], ["base", "base/os/deep", "bases/os"]],
    ["*", ["a", "a-b"], ["a/b"]],
    ["*/*", ["a/b"], ["a", "a/b/c"]],
    ["team-*/app", ["team-a/app", "team-b-c/app"], ["team/app", "team-a/apps", "team-a/x/app", "other-a/app"]],
    ["*-ci/**", ["a-ci/x", "a-b-ci/x/y"], ["ci/x", "a-ci", "a-cis/x"]],
    ["a*b*c", ["abc", "axbyc", "abbc"], ["ac", "acb", "ab", "abcd"]],
    ["a*ba", ["aba", "abba"], ["ab", "ba", "a"]],
    ["**/cache", ["cache", "a/cache", "a/b/cache"], ["caches", "a/cache/b", "xcache"]],
    ["a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["a", "b", "a/b/c", "x/a/b"]],
    ["**/a/**", ["a/b", "x/a/b/c"], ["a", "x/a", "b"]],
    ["a.b", ["a.b"], ["axb", "a/b"]],
  ])("%s covers what it says, and nothing else", (pattern, covered, others) => {
    expect(covered.filter((name) => !policy.covers(pattern, name))).toEqual([]);
    expect(others.filter((name) => policy.covers(pattern, name))).toEqual([]);
  });

  test("with many stars is decided at once", () => {
    const start = Date.now();
    expect(policy.covers(`${"**/a/".repeat(6)}b`, `${"a/".repeat(40)}c`)).toBe(false);
    expect(policy.covers(`${"a*".repeat(40)}b`, "a".repeat(250))).toBe(false);
    expect(Date.now() - start).toBeLessThan(2000);
  });
});

describe("the decision", () => {
  const rights = {
    "*": [{ repositories: ["public/**"], allow: ["pull"] }],
    admin: [{ repositories: ["**"], allow: ["pull", "push", "delete"] }],
    team: [
      { repositories: ["team/**"], allow: ["pull", "push"] },
      { repositories: ["base/*", "tools"], allow: ["pull"] },
    ],
    cleaner: [{ repositories: ["team/old/*"], allow: ["pull", "delete"] }],
    constructor: [{ repositories: ["c/**"], allow: ["pull"] }],
  };

  test.each([
    // Who, repository, and which of pull, push and delete are allowed.
    ["", "public/x", "pull"],
    ["", "team/x", ""],
    ["", "public", ""],
    ["admin", "team/x", "pull push delete"],
    ["team", "team/x", "pull push"],
    ["team", "team/old/x", "pull push"],
    ["team", "team", ""],
    ["team", "base/os", "pull"],
    ["team", "base/os/deep", ""],
    ["team", "tools", "pull"],
    ["team", "public/x", "pull"],
    ["team", "other/x", ""],
    ["cleaner", "team/old/x", "pull delete"],
    ["cleaner", "team/x", ""],
    ["cleaner", "public/x", "pull"],
    ["constructor", "c/x", "pull"],
    ["toString", "c/x", ""],
    ["__proto__", "c/x", ""],
    ["hasOwnProperty", "public/x", "pull"],
    ["*", "public/x", "pull"],
    ["*", "team/x", ""],
    ["Team", "team/x", ""],
  ])("for %p in %s is: %p", (user, repository, allowed) => {
    const actions = ["pull", "push", "delete", "admin", ""].filter((action) =>
      policy.allows(rights, user, repository, action),
    );
    expect(actions.join(" ")).toBe(allowed);
  });

  test("knows who may pull everything, and need not be asked repository by repository", () => {
    expect(["", "admin", "team", "cleaner", "nobody"].filter((user) => policy.seesAll(rights, user))).toEqual([
      "admin",
    ]);
    const forAll = { "*": [{ repositories: ["x", "**"], allow: ["pull"] }] };
    expect(policy.seesAll(forAll, "")).toBe(true);
  });

  test("is no for everybody where there are no rules", () => {
    expect(policy.allows({}, "", "a", "pull")).toBe(false);
    expect(policy.isOpen({})).toBe(false);
    expect(policy.isOpen(rights)).toBe(true);
  });
});
