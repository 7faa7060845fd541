import type { Change, EnvironmentReview, Review } from "../../../review/model/change";
import { renderJson } from "../../../review/render/json";
import { LONGEST_COMMENT, renderMarkdown } from "../../../review/render/markdown";
import { code, fence, literally } from "../../../review/render/quoting";
import { renderTerminal } from "../../../review/render/terminal";

const change = (rest: Partial<Change> = {}): Change => ({
  path: "Proxy",
  type: "docker_container",
  action: "replace",
  severity: "notice",
  findings: [{ severity: "notice", text: "Connections are refused." }],
  attributes: [],
  texts: [],
  forcedBy: ["ports"],
  addresses: ["docker_container.Proxy_1"],
  ...rest,
});

const environment = (name: string, changes: Change[]): EnvironmentReview => ({
  environment: name,
  kind: "plan",
  changes,
  outputs: [],
  findings: [],
  drift: [],
});

const review = (...environments: EnvironmentReview[]): Review => ({ environments, unusedPermissions: [] });

describe("texts of other people", () => {
  test.each([
    ["a mention", "@everyone", "&#64;everyone"],
    ["HTML", "<img src=x>", "&lt;img src=x&gt;"],
    ["an entity", "&lt;", "&amp;lt;"],
    ["a reference to an issue", "#1", "&#35;1"],
    ["formatting", "*a* _b_ `c` ~d~", "\\*a\\* \\_b\\_ \\`c\\` \\~d\\~"],
    ["a link", "[a](https://b)", "\\[a\\](https&#58;//b)"],
  ])("are no %s in Markdown", (_, text, expected) => {
    expect(literally(text)).toBe(expected);
  });

  test("end no code, however many backticks they have", () => {
    expect(code("a``b")).toBe("```a``b```");
    expect(code("`")).toBe("`` ` ``");
    expect(fence("a\n````\nb")).toBe("`````\na\n````\nb\n`````");
  });

  test("write nothing elsewhere on a screen", () => {
    const text = renderTerminal(review(environment("a\u001b[2J\u009b", [change({ path: "\u001b]0;x\u0007" })])));
    expect(text).not.toMatch(/(?!\n)\p{Cc}/u);
  });
});

describe("a comment", () => {
  const hunks = [{ header: "@@ -1,7 +1,7 @@", lines: [...Array(6).fill(` ${"context ".repeat(20)}`), "-a", "+b"] }];
  const long = (i: number) =>
    change({
      severity: "quiet",
      findings: [],
      forcedBy: [],
      path: `Quiet${i}`,
      texts: [{ name: "nginx.conf", added: 1, removed: 1, hunks }],
    });
  const dangerous = (i: number) =>
    change({ severity: "danger", path: `Data${i}`, findings: [{ severity: "danger", text: "All images are lost." }] });
  const many = (count: number, dangers: number, quiet: number) =>
    review(
      ...Array.from({ length: count }, (_, i) =>
        environment(`environment-${i}`, [
          ...Array.from({ length: dangers }, (_, j) => dangerous(j)),
          ...Array.from({ length: quiet }, (_, j) => long(j)),
        ]),
      ),
    );

  test("of few environments leaves nothing out", () => {
    const text = renderMarkdown(many(2, 1, 1));
    expect(text).toContain("context context");
    expect(text).toContain("docker\\_container.Proxy\\_1");
  });

  test.each([
    ["lines around a change", 50, 1, 1, /^\+b$/m, /context context/],
    ["then the lines", 50, 1, 12, /Quiet7/, /^\+b$/m],
    ["then what nobody will notice", 50, 2, 60, /Data1/, /Quiet7/],
  ])("of 50 environments leaves out %s, and no dangerous change", (_, count, dangers, quiet, kept, left) => {
    const text = renderMarkdown(many(count, dangers, quiet));
    expect(text.length).toBeLessThan(LONGEST_COMMENT);
    expect(text).toMatch(kept);
    expect(text).not.toMatch(left);
    for (let i = 0; i < count; i++) {
      expect(text.split(`environment-${i}: Data0 replace`).length).toBeGreaterThan(1);
    }
  });

  test("of 50 environments with much to notice still says how to apply each of them", () => {
    const text = renderMarkdown({
      environments: Array.from({ length: 50 }, (_, i) => ({
        ...environment(`environment-${i}`, [...Array(4).fill(dangerous(0)), ...Array(12).fill(change())]),
        fingerprint: "0123456789abcdef0123456789abcdef",
      })),
      unusedPermissions: [],
    });
    expect(text.length).toBeLessThan(LONGEST_COMMENT);
    expect(text.match(/--reviewed [0-9a-f]{32}/g)).toHaveLength(50);
    expect(text).toContain("All images are lost.");
  });

  test("of more dangerous changes than it has room for says how many it left out", () => {
    const text = renderMarkdown(many(50, 60, 0));
    expect(text.length).toBeLessThan(LONGEST_COMMENT);
    expect(text).toMatch(/and \d+ more, for which a comment has no room/);
  });

  test("names in the table what each sentence is about, and how many it leaves out", () => {
    const many = Array.from({ length: 5 }, (_, i) => change({ path: `Proxy${i}` }));
    const text = renderMarkdown(review(environment("e", many)));
    expect(text).toContain("**Proxy2**: Connections are refused.<br>and 2 more |");
  });

  test("puts the worst environment first, and unchanged ones into one line", () => {
    const text = renderMarkdown(
      review(environment("a", [change()]), environment("b", []), environment("c", [dangerous(0)]), {
        ...environment("d", []),
        error: "no engine",
      }),
    );
    expect([...text.matchAll(/^### (\w)/gm)].map(([, name]) => name)).toEqual(["d", "c", "a"]);
    expect(text).toContain("Unchanged: `b`");
  });
});

test("a terminal shows what is dangerous in bold red, and nothing else of it", () => {
  const some = review(
    environment("a", [change({ severity: "danger", findings: [{ severity: "danger", text: "Lost." }] })]),
  );
  expect(renderTerminal(some, { colour: true })).toContain("\u001b[1;31mLost.\u001b[0m");
  expect(renderTerminal(some)).not.toContain("\u001b");
});

test("a program gets everything with a version", () => {
  const json = JSON.parse(renderJson(review(environment("a", [change()])), { a: { part: "digest" } }));
  expect(json).toMatchObject({
    version: 1,
    exitCode: 2,
    environments: [
      { environment: "a", changes: [{ path: "Proxy", forcedBy: ["ports"] }], digests: { part: "digest" } },
    ],
  });
});
