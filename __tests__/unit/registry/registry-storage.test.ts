import { Volume } from "@cdktf/provider-docker/lib/volume";
import { Construct } from "constructs";
import { parse } from "yaml";
import { type FilesystemStorageProps, RegistryContainer, RegistryStorage } from "../../../lib";
import { resources, stackOf, synth } from "../synth";

const synthesised = (props?: FilesystemStorageProps) =>
  synth((stack) => new RegistryContainer(stack, "Registry", { storage: RegistryStorage.filesystem(props) }));

describe("storage in a volume", () => {
  test("is refused to be destroyed, unless that is said", () => {
    const lifecycle = (prevent_destroy: boolean) => ({ lifecycle: { prevent_destroy } });
    expect(synthesised()).toHaveResourceWithProperties(Volume, lifecycle(true));
    expect(synthesised({ protectData: false })).toHaveResourceWithProperties(Volume, lifecycle(false));
  });

  test("has the name of its registry, or its own", () => {
    expect(synthesised()).toHaveResourceWithProperties(Volume, { name: "local-registry-data" });
    expect(synthesised({ volumeName: "images" })).toHaveResourceWithProperties(Volume, { name: "images" });
  });

  test("belongs to the registry's user and is where the registry writes", () => {
    const context = { hostName: "local-registry", imageId: "sha256:0", majorVersion: 3 };
    const binding = RegistryStorage.filesystem().bindToRegistry(new Construct(stackOf(), "Registry"), context);
    expect(binding.config).toEqual({ storage: { filesystem: { rootdirectory: "/var/lib/registry" } } });
    expect(binding.mounts).toEqual([{ volumeName: binding.ownedVolumeNames?.[0], containerPath: "/var/lib/registry" }]);
  });

  test("fails when the name has one character", () => {
    expect(() => synthesised({ volumeName: "x" })).toThrow(
      /^local\/Registry: volumeName is "x", expected at least two characters.*Fix: write a name such as/,
    );
  });

  test("fails when another registry of the stack has the volume", () => {
    const storage = () => RegistryStorage.filesystem({ volumeName: "images" });
    const two = () =>
      synth((stack) => {
        new RegistryContainer(stack, "Registry", { storage: storage() });
        new RegistryContainer(stack, "Replica", { storage: storage() });
      });
    expect(two).toThrow(
      /^local\/Replica: storage\.volumeName is "images", expected a volume of its own: local\/Registry has this one\. .*/,
    );
  });

  test("is another one for each registry of a stack unless that is said", () => {
    const text = synth((stack) => {
      new RegistryContainer(stack, "Registry");
      new RegistryContainer(stack, "Replica");
    });
    expect(text).toHaveResourceWithProperties(Volume, { name: "local-replica-data" });
  });
});

test("storage in memory has no volume", () => {
  const synthesised = synth(
    (stack) => new RegistryContainer(stack, "Registry", { storage: RegistryStorage.inMemory() }),
  );
  const { upload } = resources(synthesised, "docker_container").Registry_Config_Writer;
  const file = upload.find(({ file }: { file: string }) => file.endsWith("config.yml"));
  expect(parse(file.content).storage).toMatchObject({ inmemory: {} });
  expect(resources(synthesised, "docker_volume").Registry_Data).toBeUndefined();
});
