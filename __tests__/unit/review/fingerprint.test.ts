import { createHash } from "node:crypto";
import { drifted, fingerprintOf } from "../../../review/model/fingerprint";
import type { PlanJson } from "../../../review/model/plan-json";
import { changed, planOf } from "./plans";

const KEY = "a key of thirty-two characters!!";
const base = (): PlanJson => ({
  ...planOf(
    changed("x_y.a", {
      before: { id: "1", size: "s", secret: "one" },
      after: { size: "m", secret: "two" },
      after_unknown: { id: true },
    }),
    changed("x_y.b", { actions: ["no-op"], before: { size: "s" }, after: { size: "s" } }),
    changed("x_y.c", { actions: ["delete"], before: { id: "7", name: "c", started: "today" } }),
  ),
  variables: { password: { value: "secret" } },
  output_changes: { url: { actions: ["update"], before: "a", after: "b" } },
});

const edited = (edit: (plan: any) => void): PlanJson => {
  const plan = structuredClone(base());
  edit(plan);
  return plan;
};

describe("a fingerprint", () => {
  test("is the same for the same plan, whatever the order of its keys, and another one with another key", () => {
    const turned = edited((plan) => {
      plan.resource_changes[0].change.after = { secret: "two", size: "m" };
    });
    expect(fingerprintOf(base(), KEY).id).toBe(fingerprintOf(turned, KEY).id);
    expect(fingerprintOf(base(), KEY).id).not.toBe(fingerprintOf(base(), "another key").id);
    expect(fingerprintOf(base(), KEY).id).toMatch(/^[0-9a-f]{32}$/);
  });

  test.each<[string, (plan: any) => void]>([
    [
      "what nothing happens to",
      (plan) => {
        plan.resource_changes[1].change.after.size = "l";
      },
    ],
    [
      "the time of the plan",
      (plan) => {
        plan.timestamp = "2026-11-24T00:00:00Z";
      },
    ],
    [
      "what a resource that goes was doing",
      (plan) => {
        plan.resource_changes[2].change.before.started = "yesterday";
      },
    ],
    [
      "an identity that the deploy makes anew",
      (plan) => {
        plan.resource_changes[0].change.before.id = "2";
      },
    ],
  ])("does not hang on %s", (_, edit) => {
    expect(fingerprintOf(edited(edit), KEY).id).toBe(fingerprintOf(base(), KEY).id);
  });

  test.each<[string, (plan: any) => void, string[]]>([
    [
      "a value",
      (plan) => {
        plan.resource_changes[0].change.after.size = "l";
      },
      ["x_y.a size: is another one"],
    ],
    [
      "a secret",
      (plan) => {
        plan.resource_changes[0].change.after.secret = "three";
      },
      ["x_y.a secret: is another one"],
    ],
    [
      "what was there before",
      (plan) => {
        plan.resource_changes[0].change.before.size = "xs";
      },
      ["x_y.a size: is another one"],
    ],
    [
      "what is done",
      (plan) => {
        plan.resource_changes[0].change.actions = ["delete", "create"];
      },
      ["x_y.a action: is another one"],
    ],
    [
      "a variable",
      (plan) => {
        plan.variables.password.value = "other";
      },
      ["variable password: is another one"],
    ],
    [
      "what is destroyed",
      (plan) => {
        plan.resource_changes[2].change.before.id = "8";
      },
      ["x_y.c id: is another one"],
    ],
    [
      "an output",
      (plan) => {
        plan.output_changes.url.after = "c";
      },
      ["output url: is another one"],
    ],
    [
      "one change less",
      (plan) => {
        plan.resource_changes.pop();
      },
      [
        "x_y.c action: was in the plan that was read, and is not any more",
        "x_y.c id: was in the plan that was read, and is not any more",
      ],
    ],
  ])("changes with %s, which can be named", (_, edit, expected) => {
    const [reviewed, now] = [fingerprintOf(base(), KEY), fingerprintOf(edited(edit), KEY)];
    expect(now.id).not.toBe(reviewed.id);
    expect(drifted(reviewed.parts, now.parts)).toEqual(expected);
  });

  test("holds no value, and tells nothing of it without the key", () => {
    const { id, parts } = fingerprintOf(base(), KEY);
    expect([id, ...Object.values(parts)].every((one) => /^[\w-]{22}$|^[0-9a-f]{32}$/.test(one))).toBe(true);
    const guess = createHash("sha256").update('"secret"').digest("base64url");
    expect(JSON.stringify(parts)).not.toContain(guess.slice(0, 22));
  });

  test("does not hang on the salt of a hash that each plan makes anew", () => {
    const plan = (salt: string) => {
      const hash = `$2a$10$${salt.repeat(53)}`;
      const version = createHash("sha256").update(hash).digest("hex").slice(0, 16);
      return planOf(
        changed("terraform_data.Hash", { actions: ["create"], before: null, after: { triggers_replace: hash } }),
        changed("docker_container.Writer", {
          after: { upload: [{ content: `dave:${hash}` }, { content: `"dave" "${version}";` }] },
        }),
      );
    };
    expect(fingerprintOf(plan("a"), KEY).id).toBe(fingerprintOf(plan("b"), KEY).id);
  });
});
