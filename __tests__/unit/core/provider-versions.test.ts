import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { App, TerraformStack, TerraformVariable, Testing } from "cdktf";
import { Certificate, RegistryContainer, SelfSignedCA } from "../../../lib";

describe("the versions of providers that a stack takes", () => {
  const stack = (...providers: ("docker" | "random" | "tls")[]) => {
    const made = new TerraformStack(new App(), "infrastructure");
    const classes = { docker: DockerProvider, random: RandomProvider, tls: TlsProvider };
    for (const name of providers) {
      new classes[name](made, name);
    }
    return made;
  };
  const versions = (made: TerraformStack) => {
    const { required_providers } = JSON.parse(Testing.synth(made)).terraform;
    return Object.fromEntries(
      Object.entries<{ version: string }>(required_providers).map(([name, { version }]) => [name, version]),
    );
  };

  test("are those that the library works with, in the stack of anybody", () => {
    const made = stack("docker", "random");
    new RegistryContainer(made, "Registry");
    expect(versions(made)).toEqual({ docker: ">= 3.6.2, < 5.0.0", random: ">= 3.7.2, < 4.0.0" });
  });

  test("also cover a certificate that only the deploy knows", () => {
    const made = stack("tls");
    const pem = (name: string) => new TerraformVariable(made, name, { sensitive: true }).stringValue;
    Certificate.fromPem(made, "Certificate", { certificateChainPem: pem("chain"), privateKeyPem: pem("key") });
    expect(versions(made)).toEqual({ tls: ">= 4.2.1, < 5.0.0" });
  });

  test.each(["before", "after"])("are the user's own where an override says so, %s the construct", (when) => {
    const made = stack("tls");
    const override = () => made.addOverride("terraform.required_providers.tls.version", "4.2.2");
    if (when === "before") {
      override();
    }
    new SelfSignedCA(made, "CA");
    if (when === "after") {
      override();
    }
    expect(versions(made)).toEqual({ tls: "4.2.2" });
  });

  test("cannot be had without the provider: the error says which line to write", () => {
    const made = stack("docker");
    new RegistryContainer(made, "Registry");
    expect(() => Testing.synth(made, true)).toThrow(
      '[infrastructure/Registry] the stack has no random provider. Fix: new RandomProvider(stack, "Random"), from @cdktf/provider-random/lib/provider',
    );
  });
});
