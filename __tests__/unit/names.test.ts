import { TerraformVariable } from "cdktf";
import { Construct } from "constructs";
import { defaultName, requireDockerName } from "../../lib/names";
import { stackOf } from "./synth";

describe("the name of what a construct creates", () => {
  test("begins with the stack, so that two stacks on one engine never meet", () => {
    const names = ["local", "production"].map((stack) => defaultName(new Construct(stackOf(stack), "Registry")));
    expect(names).toEqual(["local-registry", "production-registry"]);
  });

  test("follows the tree in kebab case", () => {
    const parent = new Construct(stackOf(), "TeamRegistry");
    expect(defaultName(new Construct(parent, "Config 2"))).toBe("local-team-registry-config-2");
  });
});

describe("a name for the engine", () => {
  const scope = () => new Construct(stackOf(), "Registry");

  test.each(["ab", "registry", "My_registry-1.0", "0registry"])("may be %p", (name) => {
    expect(() => requireDockerName(scope(), "containerName", name)).not.toThrow();
  });

  test("may be left out, or known to the deploy only", () => {
    const where = scope();
    const variable = new TerraformVariable(where, "name", {});
    expect(() => requireDockerName(where, "containerName", undefined)).not.toThrow();
    expect(() => requireDockerName(where, "containerName", variable.stringValue)).not.toThrow();
  });

  test.each(["", "r", "-registry", "my registry", "team/registry", "régistry"])("fails when it is %p", (name) => {
    expect(() => requireDockerName(scope(), "containerName", name)).toThrow(
      `local/Registry: containerName is "${name}", expected at least two characters, the first a letter or digit, the rest letters, digits, _ . or -. To mend it: write a name such as "local-registry", or leave it out to get that one.`,
    );
  });
});
