import { Container } from "@cdktf/provider-docker/lib/container";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import { App, Testing } from "cdktf";
import "cdktf/lib/testing/adapters/jest";
import { environments } from "../environments";
import { RegistryStack } from "../stacks/registry-stack";

/** As `cdktf synth` writes it; with `true`, what the constructs check at the end is checked too. */
const synth = (name: string) => Testing.synth(new RegistryStack(new App(), name, environments[name]), true);

describe.each(Object.keys(environments))("environment %s", (name) => {
  const synthesised = synth(name);

  it("has a registry behind a proxy", () => {
    for (const container of ["registry", "proxy"]) {
      expect(synthesised).toHaveResourceWithProperties(Container, { name: `${name}-${container}` });
    }
  });

  it("lets nobody in without a password", () => {
    expect(environments[name].users?.length).toBeGreaterThan(0);
    expect(environments[name].everybody ?? []).toEqual([]);
  });
});

describe("production", () => {
  const synthesised = synth("production");

  it("keeps its images when somebody destroys the stack", () => {
    expect(synthesised).toHaveResourceWithProperties(Volume, {
      name: "production-registry-data",
      lifecycle: expect.objectContaining({ prevent_destroy: true }),
    });
  });

  it("keeps its state where others find it, encrypted and locked", () => {
    expect(JSON.parse(synthesised).terraform.backend.s3).toMatchObject({ encrypt: true, use_lockfile: true });
  });
});
