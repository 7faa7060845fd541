import type { PlanJson } from "../../../review/model/plan-json";
import { readPlan } from "../../../review/model/plan-review";
import { Policy } from "../../../review/model/policy";
import { Secrets } from "../../../review/model/secrets";
import { compareSynths } from "../../../review/model/synth-review";
import { renderJson } from "../../../review/render/json";
import { renderMarkdown } from "../../../review/render/markdown";
import { renderTerminal } from "../../../review/render/terminal";
import { registryWords } from "../../../review/words/docker-registry";
import { changed, planOf } from "./plans";

const CANARY = "canary-4f1c0e";

/** Everything that anybody could read. */
function everything(plan: PlanJson): string {
  const review = Policy.parse("").apply([
    readPlan({ environment: "production", plan, configuration: {}, words: [registryWords] }),
  ]);
  return [renderTerminal(review), renderMarkdown(review), renderJson(review)].join("\n");
}

/** A configuration is written anew; what its review copy says is shown. */
const WRITER = changed(
  "docker_container.P_Writer",
  { actions: ["delete", "create"], before: {}, after: {} },
  { address: "docker_container.P_Writer_00000000" },
);

describe("a secret is in no report", () => {
  test.each<[string, PlanJson]>([
    [
      "marked before only",
      planOf(changed("x_y.a", { before: { user: CANARY }, after: { user: "b" }, before_sensitive: { user: true } })),
    ],
    [
      "marked after only",
      planOf(changed("x_y.a", { before: { user: "a" }, after: { user: CANARY }, after_sensitive: { user: true } })),
    ],
    [
      "marked as a part of a list",
      planOf(
        changed("x_y.a", { before: { list: ["a"] }, after: { list: [CANARY] }, after_sensitive: { list: [true] } }),
      ),
    ],
    [
      "marked as a whole block",
      planOf(
        changed("x_y.a", {
          before: { block: [{ a: "b" }] },
          after: { block: [{ a: CANARY }] },
          after_sensitive: { block: true },
        }),
      ),
    ],
    [
      "marked with something that is no mark",
      planOf(changed("x_y.a", { before: { user: "a" }, after: { user: CANARY }, after_sensitive: { user: "yes" } })),
    ],
    [
      "a copy in another resource that has no mark",
      planOf(
        changed("x_y.a", {
          actions: ["no-op"],
          before: { user: CANARY },
          after: { user: CANARY },
          before_sensitive: { user: true },
        }),
        changed("x_y.b", { before: { label: "a" }, after: { label: `of ${CANARY}` } }),
      ),
    ],
    [
      "a copy in a name of a key",
      planOf(
        changed("x_y.a", {
          actions: ["no-op"],
          before: { user: CANARY },
          after: { user: CANARY },
          before_sensitive: { user: true },
        }),
        changed("x_y.b", { before: { labels: {} }, after: { labels: { [CANARY]: "x" } } }),
      ),
    ],
    [
      "the output of terraform_data",
      planOf(changed("terraform_data.a", { before: { output: CANARY }, after: { output: "b" } })),
    ],
    [
      "an argument with the name of a secret",
      planOf(changed("x_y.a", { before: { db_password: CANARY }, after: { db_password: "b" } })),
    ],
    [
      "the environment of a container",
      planOf(changed("docker_container.a", { before: { env: [`TOKEN=${CANARY}`] }, after: { env: ["TOKEN=b"] } })),
    ],
    [
      "an uploaded file",
      planOf(
        changed("docker_container.a", {
          before: { upload: [{ file: "a", content: CANARY }] },
          after: { upload: [{ file: "a", content: "b" }] },
        }),
      ),
    ],
    ["a long text", planOf(changed("x_y.a", { before: { script: `a\n${CANARY}` }, after: { script: "b" } }))],
    [
      "what is destroyed",
      planOf(changed("x_y.a", { actions: ["delete"], before: { user: CANARY, list: [CANARY] }, after: null })),
    ],
    ["what is created", planOf(changed("x_y.a", { actions: ["create"], before: null, after: { user: CANARY } }))],
    [
      "a sensitive output",
      { output_changes: { a: { actions: ["update"], before: CANARY, after: "b", before_sensitive: true } } },
    ],
    [
      "a variable whose declaration is not there",
      {
        ...planOf(changed("x_y.b", { before: { label: "a" }, after: { label: CANARY } })),
        variables: { a: { value: CANARY } },
      },
    ],
    [
      "a sensitive variable within another value",
      {
        ...planOf(changed("x_y.b", { before: { label: "a" }, after: { label: CANARY } })),
        variables: { a: { value: { deep: [CANARY] } } },
        configuration: { root_module: { variables: { a: { sensitive: true } } } },
      },
    ],
    [
      "a value of the state",
      {
        ...planOf(changed("x_y.b", { before: { label: "a" }, after: { label: CANARY } })),
        prior_state: {
          values: {
            root_module: {
              child_modules: [{ resources: [{ values: { key: CANARY }, sensitive_values: { key: true } }] }],
            },
          },
        },
      },
    ],
    [
      "a line of a key in a text that is shown",
      planOf(
        changed("tls_private_key.a", {
          actions: ["no-op"],
          before: { pem: `-----BEGIN-----\n${CANARY}-and-twenty-more\n` },
          before_sensitive: { pem: true },
        }),
        WRITER,
        changed(
          "terraform_data.P_Review",
          {
            actions: ["delete", "create"],
            before: { triggers_replace: { f: ["a"] } },
            after: { triggers_replace: { f: [`${CANARY}-and-twenty-more`] } },
          },
          { address: "terraform_data.P_Review_00000000" },
        ),
      ),
    ],
    [
      "a marked line of a text that is shown",
      planOf(
        WRITER,
        changed(
          "terraform_data.P_Review",
          {
            actions: ["delete", "create"],
            before: { triggers_replace: { f: ["a"] } },
            after: { triggers_replace: { f: [CANARY.slice(0, 5) + CANARY.slice(5)] } },
            after_sensitive: { triggers_replace: { f: [true] } },
          },
          { address: "terraform_data.P_Review_00000000" },
        ),
      ),
    ],
  ])("%s", (_, plan) => {
    expect(everything(plan)).not.toContain(CANARY);
  });

  test.each([
    [
      "one that is too short to be looked for",
      changed("x_y.a", { before: { pin: "4711" }, after: { pin: "0815" }, after_sensitive: { pin: true } }),
    ],
    ["a number", changed("x_y.a", { before: { pin: 4711 }, after: { pin: 815 }, before_sensitive: { pin: true } })],
    [
      "a short one in a list",
      changed("x_y.a", { before: { pins: ["4711"] }, after: { pins: ["815"] }, after_sensitive: { pins: [true] } }),
    ],
  ])("where it is marked: %s", (_, one) => {
    expect(everything(planOf(one))).not.toMatch(/4711|815/);
  });

  test.each<["delete" | "create"]>([["delete"], ["create"]])("nor a whole text with a %s", (action) => {
    const files = { triggers_replace: { f: ["a line of the text"] } };
    const change = action === "delete" ? { before: files, after: null } : { before: null, after: files };
    const plan = planOf(
      changed("docker_container.P_Writer_00000000", { actions: [action], before: null, after: null }),
      changed("terraform_data.P_Review_00000000", { actions: [action], ...change }),
    );
    expect(everything(plan)).not.toContain("a line of the text");
  });

  test("and what is none stays", () => {
    const plan = planOf(
      changed("x_y.a", {
        before: { size: "small" },
        after: { size: "large" },
        before_sensitive: {},
        after_sensitive: {},
      }),
    );
    expect(everything(plan)).toContain('"small" → "large"');
  });

  test.each([
    ["a text in the code that is sensitive", { a: `\${sensitive("${CANARY}")}` }, {}],
    ["its copy elsewhere", { a: `\${sensitive("${CANARY}")}`, b: CANARY }, {}],
    ["the default of a sensitive variable", { b: CANARY }, { variable: { v: { sensitive: true, default: CANARY } } }],
  ])("of two synths: %s", (_, after, rest) => {
    const [old, next] = [{}, after].map((values) => ({ resource: { x_y: { a: values } }, ...rest }));
    const review = compareSynths({ environment: "production", before: old, after: next });
    expect(review.changes.length).toBe(1);
    expect(JSON.stringify(review)).not.toContain(CANARY);
  });

  test("short words are left alone where nothing marks them, or no text could be read", () => {
    const secrets = Secrets.ofPlan({ variables: { a: { value: "a" } } });
    expect(secrets.scrub("a cat")).toBe("a cat");
  });
});
