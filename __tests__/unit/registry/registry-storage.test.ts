import { Volume } from "@cdktf/provider-docker/lib/volume";
import { Testing } from "cdktf";
import { Construct } from "constructs";
import { type FilesystemStorageProps, type RegistryBinding, RegistryStorage } from "../../../lib";
import { resolved, stackOf } from "../synth";

function bound(props?: FilesystemStorageProps) {
  const stack = stackOf();
  const binding = RegistryStorage.filesystem(props).bind(new Construct(stack, "Registry"), 3);
  return { binding: resolved(stack, binding) as RegistryBinding, synthesised: Testing.synth(stack, true) };
}

describe("storage in a volume", () => {
  test("is refused to be destroyed, unless that is said", () => {
    const lifecycle = (prevent_destroy: boolean) => ({ lifecycle: { prevent_destroy } });
    expect(bound().synthesised).toHaveResourceWithProperties(Volume, lifecycle(true));
    expect(bound({ protectData: false }).synthesised).toHaveResourceWithProperties(Volume, lifecycle(false));
  });

  test("has the name of its registry, or its own", () => {
    expect(bound().synthesised).toHaveResourceWithProperties(Volume, { name: "local-registry-data" });
    expect(bound({ volumeName: "images" }).synthesised).toHaveResourceWithProperties(Volume, { name: "images" });
  });

  test("belongs to the registry's user and is where the registry writes", () => {
    const { binding } = bound();
    expect(binding.config).toEqual({ storage: { filesystem: { rootdirectory: "/var/lib/registry" } } });
    expect(binding.mounts).toEqual([{ volumeName: binding.ownedVolumeNames?.[0], containerPath: "/var/lib/registry" }]);
  });

  test("fails when the name has one character", () => {
    expect(() => bound({ volumeName: "x" })).toThrow(
      /^local\/Registry: volumeName is "x", expected at least two characters.*To mend it: write a name such as/,
    );
  });
});
