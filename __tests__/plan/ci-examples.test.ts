import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import execa from "execa";
import { parse } from "yaml";
import { templateFolder } from "../../packaging/template";
import { Policy } from "../../review/model/policy";
import { renderMarkdown } from "../../review/render/markdown";

const ci = path.join(__dirname, "..", "..", "examples", "ci");
const script = (name: string): string => path.join(ci, "scripts", name);
/** A team's own project has them, with its paths. */
const template = path.join(mkdtempSync(path.join(tmpdir(), "ci-template-")), "template");
templateFolder(template, {});
afterAll(() => rmSync(path.dirname(template), { recursive: true }));
const workflows = [path.join(ci, "github"), path.join(template, ".github", "workflows")].flatMap((folder) =>
  readdirSync(folder).map((name) => path.join(folder, name)),
);
const FINGERPRINT = "0123456789abcdef0123456789abcdef";

/** A comment as the review writes it. */
const comment = (...environments: string[]): string =>
  renderMarkdown(
    Policy.parse("").apply(
      environments.map((environment) => ({
        environment,
        kind: "plan",
        changes: [],
        outputs: [{ name: "a", before: "1", after: "2" }],
        findings: [],
        drift: [],
        fingerprint: FINGERPRINT,
      })),
    ),
  );

describe("the workflows for CI", () => {
  it("pass actionlint, which reads their scripts by shellcheck too", async () => {
    await execa("actionlint", workflows);
  });

  it("pass shellcheck", async () => {
    await execa("shellcheck", readdirSync(path.join(ci, "scripts")).map(script));
  });

  it("give every job the least rights, and pin actions by commit", () => {
    for (const file of workflows) {
      const { permissions, jobs } = parse(readFileSync(file, "utf8"));
      expect(permissions).toEqual({});
      for (const job of Object.values(jobs) as { permissions: object; steps: { uses?: string }[] }[]) {
        expect(job.permissions).toMatchObject({ contents: "read" });
        const uses = job.steps.flatMap((step) => step.uses ?? []);
        expect(uses.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([]);
      }
    }
  });

  it("call scripts that are there, in the template its own", () => {
    const files = [...workflows, path.join(ci, "gitlab", ".gitlab-ci.yml")];
    const named = files.flatMap((file) => [
      ...readFileSync(file, "utf8").matchAll(/(?:examples\/)?ci\/scripts\/([\w-]+\.sh)/g),
    ]);
    const there = readdirSync(path.join(ci, "scripts"));
    expect(named.length).toBeGreaterThan(10);
    expect(named.map(([, name]) => name).filter((name) => !there.includes(name))).toEqual([]);
    const ofTemplate = workflows.filter((file) => file.startsWith(template)).map((file) => readFileSync(file, "utf8"));
    expect(ofTemplate.join()).not.toContain("examples/");
    expect(ofTemplate.join()).toContain("ci/scripts/review.sh reports production");
  });
});

describe("a script for CI", () => {
  let folder: string;
  const run = (name: string, args: string[], env: Record<string, string> = {}) =>
    execa(script(name), args, {
      cwd: folder,
      env: { PATH: `${folder}/bin:${process.env.PATH}`, ...env },
      reject: false,
      all: true,
    });
  /** A program that writes down how it is called. */
  const stand = (name: string, body: string) =>
    writeFileSync(path.join(folder, "bin", name), `#!/bin/sh\necho "${name} $*" >> ${folder}/calls\n${body}\n`, {
      mode: 0o755,
    });
  const calls = () => readFileSync(path.join(folder, "calls"), "utf8").trim().split("\n");

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "ci-scripts-"));
    mkdirSync(path.join(folder, "bin"));
    writeFileSync(path.join(folder, "calls"), "");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ["0", [], 0],
    ["2", [], 0],
    ["3", [], 1],
    ["3", ["other"], 1],
    ["3", ["other", "allowed"], 0],
    ["1", ["allowed"], 1],
    ["", ["allowed"], 1],
  ])("makes of the review's %j with the labels %j the job's %i", async (status, labels, expected) => {
    expect((await run("policy.sh", [status, "allowed", ...labels])).exitCode).toBe(expected);
  });

  it("hands the review's exit code on, with a text for the comment in any case", async () => {
    stand("npm", 'echo "## text"; exit 3');
    expect((await run("review.sh", ["reports", "--against", "main"])).exitCode).toBe(3);
    expect(readFileSync(path.join(folder, "reports", "review.md"), "utf8")).toBe("## text\n");
    expect(calls()[0]).toContain("run --silent review -- --against main --format markdown --json reports/review.json");
    stand("npm", "exit 1");
    expect((await run("review.sh", ["reports"])).exitCode).toBe(1);
    expect(readFileSync(path.join(folder, "reports", "review.md"), "utf8")).toContain(
      "failed before it could say anything",
    );
  });

  it("deploys each environment of a comment with its fingerprint, and goes on when one is refused", async () => {
    writeFileSync(path.join(folder, "comment.md"), comment("staging", "production"));
    stand("npm", 'case "$*" in *production*) exit 1 ;; esac');
    expect((await run("apply.sh", ["comment.md"])).exitCode).toBe(1);
    expect(calls()).toEqual(
      ["production", "staging"].map((name) => `npm run deploy -- ${name} --reviewed ${FINGERPRINT}`),
    );
  });

  it("deploys nothing where nothing was to change", async () => {
    writeFileSync(path.join(folder, "comment.md"), "## No dangerous change\n");
    expect((await run("apply.sh", ["comment.md"])).exitCode).toBe(0);
    expect(calls()).toEqual([""]);
  });

  it.each([
    ["", ["api --method POST repos/o/r/issues/7/comments"]],
    ["41", ["api --method PATCH repos/o/r/issues/comments/41"]],
  ])("writes one comment on GitHub when %j is there", async (existing, expected) => {
    writeFileSync(path.join(folder, "text.md"), comment("production"));
    stand("gh", `case "$*" in *--paginate*) echo "${existing}" ;; esac`);
    const { exitCode, all } = await run("comment.sh", ["o/r", "7", "text.md"]);
    expect({ exitCode, all }).toMatchObject({ exitCode: 0 });
    expect(calls()[1]).toContain(expected[0]);
    expect(calls()[0]).toContain('select(.user.login == "github-actions[bot]"');
  });

  it("finds the review of a merged pull request, and refuses a commit without one", async () => {
    stand("gh", 'case "$*" in *pulls*) echo 7 ;; *issues/7/comments*) echo "<!-- plan review -->" ;; esac');
    expect((await run("reviewed.sh", ["o/r", "abc", "out.md"])).exitCode).toBe(0);
    stand("gh", "exit 0");
    const { exitCode, all } = await run("reviewed.sh", ["o/r", "abc", "out.md"]);
    expect({ exitCode, all }).toEqual({ exitCode: 1, all: expect.stringContaining("came from no pull request") });
  });

  describe("for GitLab", () => {
    let server: Server;
    let notes: { id: number; author: { id: number }; body: string }[];
    let env: Record<string, string>;

    beforeEach(async () => {
      notes = [{ id: 1, author: { id: 2 }, body: "<!-- plan review -->\nof somebody else" }];
      server = createServer((incoming, answer) => {
        let body = "";
        incoming.on("data", (chunk) => {
          body += chunk;
        });
        incoming.on("end", () => {
          const address = `${incoming.method} ${incoming.url?.split("?")[0]}`;
          const answers: Record<string, () => unknown> = {
            "GET /user": () => ({ id: 9 }),
            "GET /projects/5/merge_requests/7/notes": () => notes,
            "GET /projects/5/repository/commits/abc/merge_requests": () => [{ iid: 7, state: "merged" }],
            "POST /projects/5/merge_requests/7/notes": () =>
              notes.push({ id: 3, author: { id: 9 }, body: JSON.parse(body).body }),
            "PUT /projects/5/merge_requests/7/notes/3": () => {
              notes[1].body = JSON.parse(body).body;
            },
          };
          const known = incoming.headers["private-token"] === "a-token" && answers[address];
          answer.statusCode = known ? 200 : 404;
          answer.end(JSON.stringify(known ? (known() ?? {}) : {}));
        });
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      env = { CI_API_V4_URL: `http://127.0.0.1:${port}`, CI_PROJECT_ID: "5", REVIEW_TOKEN: "a-token" };
    });
    afterEach(() => new Promise((resolve) => server.close(resolve)));

    it("writes one note, writes over it, and finds it after the merge", async () => {
      for (const name of ["staging", "production"]) {
        writeFileSync(path.join(folder, "text.md"), comment(name));
        const { exitCode, all } = await run("gitlab-note.sh", ["7", "text.md"], env);
        expect({ exitCode, all }).toMatchObject({ exitCode: 0 });
      }
      expect(notes.map(({ body }) => /### (\w+)/.exec(body)?.[1])).toEqual([undefined, "production"]);
      expect((await run("gitlab-reviewed.sh", ["abc", "reviewed.md"], env)).exitCode).toBe(0);
      expect((await run("fingerprints.sh", ["reviewed.md"])).stdout).toBe(`production ${FINGERPRINT}`);
    });
  });
});
