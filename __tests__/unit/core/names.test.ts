import { TerraformVariable } from "cdktf";
import { Construct } from "constructs";
import { RedisCache, RegistryContainer, RegistryImage, RegistryListener, RegistryMetrics } from "../../../lib";
import { defaultName, requireDockerName } from "../../../lib/core/names";
import { stackOf } from "../synth";

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
      `local/Registry: containerName is "${name}", expected at least two characters, the first a letter or digit, the rest letters, digits, _ . or -. Fix: write a name such as "local-registry", or leave it out to get that one.`,
    );
  });
});

describe("a name that is looked up in the engine's DNS", () => {
  const NAME = "a".repeat(64);
  const text = (field: string, name: string) =>
    `${field} is "${name}", expected at most 63 characters, since it is looked up in the engine's DNS. Fix: write a shorter containerName, or give shorter ids to the stack and its constructs.`;

  test.each([
    ["of a registry with a port", { containerName: NAME, listener: RegistryListener.tcp() }, "containerName", NAME],
    [
      "of a registry with metrics",
      { containerName: NAME, metrics: RegistryMetrics.prometheus() },
      "containerName",
      NAME,
    ],
    [
      "of a network for metrics",
      { containerName: "short", metrics: RegistryMetrics.prometheus() },
      "the name of its debug network",
      `local-${"b".repeat(60)}-debug`,
    ],
    [
      "of an endpoint of metrics",
      { metrics: RegistryMetrics.prometheus({ containerName: NAME }) },
      "containerName",
      NAME,
    ],
  ])("fails when it is too long: that %s", (_, props, field, name) => {
    const id = name === NAME ? "Registry" : "b".repeat(60);
    expect(() => new RegistryContainer(stackOf(), id, props)).toThrow(text(field, name));
  });

  test("fails when it is too long: that of a Redis for version 2", () => {
    const stack = stackOf();
    const cache = new RedisCache(stack, "Cache", { containerName: NAME });
    expect(() => new RegistryContainer(stack, "Registry", { image: RegistryImage.V2, cache })).toThrow(
      text("containerName", NAME),
    );
  });

  test("may be longer where nobody looks it up", () => {
    expect(() => new RegistryContainer(stackOf(), "Registry", { containerName: NAME })).not.toThrow();
  });
});
