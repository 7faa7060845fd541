import { App, TerraformStack } from "cdktf";
import { App as OtherApp, TerraformStack as OtherStack } from "cdktn";
import { PrivateRegistry, PublicEndpoint, RedisCache } from "../../../lib";

describe("a stack of CDK Terrain, the continuation of CDK for Terraform", () => {
  const stack = () => new OtherStack(new OtherApp(), "shop") as unknown as TerraformStack;
  const message =
    'shop: stack is "a TerraformStack of cdktn", expected one of cdktf, which this package is made for. Fix: install cdktn-docker-registry and import from it, or make App and TerraformStack from "cdktf".';

  it("is refused by a registry", () => {
    const endpoint = PublicEndpoint.http({ host: "localhost" });
    expect(() => new PrivateRegistry(stack(), "Default", { endpoint })).toThrow(message);
  });

  it("is refused by a part alone", () => {
    expect(() => new RedisCache(stack(), "Cache")).toThrow(message);
  });
});

test("a class of one's own that extends a stack is taken", () => {
  class Shop extends TerraformStack {}
  expect(() => new RedisCache(new Shop(new App(), "shop"), "Cache")).not.toThrow();
});
