import { App } from "cdktf";
import type { Environment } from "../../../environments/environment";
import { environment } from "../../../environments/environment";
import { requireDistinctPorts } from "../../../environments/published-ports";
import { PublicEndpoint, type PublicEndpointProps } from "../../../lib";
import { HttpRegistryStack } from "../../../stacks";
import { images } from "../stacks/upstream-images";

function at(endpoint: Partial<PublicEndpointProps>, engine?: string): Environment {
  return environment(HttpRegistryStack, {
    endpoint: PublicEndpoint.http({ host: "localhost", ...endpoint }),
    images,
    engine,
  });
}

describe("an environment", () => {
  test("is a stack of its own name", () => {
    const stack = at({ port: 5080 }).create(new App(), "staging");
    expect(stack).toBeInstanceOf(HttpRegistryStack);
    expect(stack.node.id).toBe("staging");
  });
});

describe("environments", () => {
  test.each([
    ["other ports", at({ port: 5080 }), at({ port: 5081 })],
    ["other addresses", at({ port: 80, publishAddress: "192.0.2.1" }), at({ port: 80, publishAddress: "192.0.2.2" })],
    ["other published ports", at({ port: 80, publishPort: 8080 }), at({ port: 80, publishPort: 8081 })],
    ["other engines", at({ port: 80 }, "ssh://one"), at({ port: 80 }, "ssh://two")],
  ])("may publish on %s", (_, one, other) => {
    expect(() => requireDistinctPorts({ one, other })).not.toThrow();
  });

  test("fail when two publish the same address and port, and the error names both", () => {
    expect(() => requireDistinctPorts({ one: at({ port: 5080 }), other: at({ port: 5080 }) })).toThrow(
      'environments/other: endpoint is "127.0.0.1:5080", expected an address and port that no other environment publishes ("one" has 127.0.0.1:5080). Fix: give "other" or "one" another port.',
    );
  });

  test("fail when two hosts of one engine share a published port", () => {
    const one = at({ host: "a.example", port: 80, publishPort: 8080 });
    const other = at({ host: "b.example", port: 8080 });
    expect(() => requireDistinctPorts({ one, other })).toThrow(/environments\/other: endpoint is "127\.0\.0\.1:8080"/);
  });

  test.each([
    ["0.0.0.0", "127.0.0.1"],
    ["127.0.0.1", "0.0.0.0"],
    ["::", "127.0.0.1"],
    ["0.0.0.0", "::"],
  ])("fail when %s covers %s", (first, second) => {
    const one = at({ port: 80, publishAddress: first });
    const other = at({ port: 80, publishAddress: second });
    expect(() => requireDistinctPorts({ one, other })).toThrow(
      /expected an address and port that no other environment/,
    );
  });
});
