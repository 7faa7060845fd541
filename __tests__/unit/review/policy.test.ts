import type { Change, EnvironmentReview } from "../../../review/model/change";
import { exitCode, Policy } from "../../../review/model/policy";

const change = (path: string, severity: Change["severity"], action: Change["action"] = "replace"): Change => ({
  path,
  type: "x_y",
  action,
  severity,
  findings: [],
  attributes: [],
  texts: [],
  forcedBy: [],
  addresses: [],
});

const review = (environment: string, ...changes: Change[]): EnvironmentReview => ({
  environment,
  kind: "plan",
  changes,
  outputs: [],
  findings: [],
  drift: [],
});

describe("the exit code", () => {
  test.each<[string, string, EnvironmentReview[], number]>([
    ["nothing changes", "", [review("a")], 0],
    ["something changes", "", [review("a"), review("b", change("X", "notice"))], 2],
    ["something dangerous changes", "", [review("a", change("X", "danger"))], 3],
    ["it is allowed", "a: X replace", [review("a", change("X", "danger"))], 2],
    ["it is allowed, with a remark", "# why\na: X replace  # ticket 7\n", [review("a", change("X", "danger"))], 2],
    ["it is allowed for another environment", "b: X replace", [review("a", change("X", "danger"))], 3],
    ["something else is allowed to happen to it", "a: X destroy", [review("a", change("X", "danger"))], 3],
    [
      "it is allowed, and two texts do not tell what happens to it",
      "a: X replace",
      [review("a", change("X", "danger", "change"))],
      2,
    ],
    ["one of two is allowed", "a: X replace", [review("a", change("X", "danger"), change("Y", "danger"))], 3],
    [
      "an environment cannot be read",
      "",
      [review("a", change("X", "danger")), { ...review("b"), error: "no engine" }],
      1,
    ],
  ])("when %s", (_, policy, reviews, expected) => {
    expect(exitCode(Policy.parse(policy).apply(reviews))).toBe(expected);
  });
});

test("a permission that nothing needs is told, since it would allow the next accident", () => {
  const { unusedPermissions } = Policy.parse("a: X replace\na: Y destroy").apply([review("a", change("X", "danger"))]);
  expect(unusedPermissions).toEqual(["a: Y destroy"]);
});

test("a line that allows nothing is refused with the way to write it", () => {
  expect(() => Policy.parse("production Registry/Data")).toThrow(
    /Fix: write it as <environment>: <construct> <action>/,
  );
});
