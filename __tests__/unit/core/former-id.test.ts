import { Volume } from "@cdktf/provider-docker/lib/volume";
import { Testing } from "cdktf";
import { Construct } from "constructs";
import { FormerId, RegistryContainer, RegistryStorage } from "../../../lib";
import { stackOf, synth } from "../synth";

const registry = (scope: Construct, id: string) =>
  new RegistryContainer(scope, id, { storage: RegistryStorage.filesystem({ volumeName: "images" }) });

/** Addresses of a synth's resources. */
function addresses(synthesised: string): string[] {
  const { resource } = JSON.parse(synthesised);
  return Object.entries(resource)
    .flatMap(([type, all]) => Object.keys(all as object).map((name) => `${type}.${name}`))
    .sort();
}

describe("a construct with a former id", () => {
  test("moves each of its resources from the address that it had, also those that are added later", () => {
    const before = synth((stack) => registry(stack, "Registry"));
    const after = synth((stack) => {
      const store = registry(stack, "Store");
      FormerId.of(store, "Registry");
      new Volume(store, "Later", { name: "later" });
    });
    const moves = JSON.parse(after).moved as { from: string; to: string }[];
    const later = moves.filter(({ to }) => to.includes("Later"));
    expect(later.map(({ from }) => from)).toEqual([expect.stringMatching(/^docker_volume\.Registry_Later_/)]);
    const others = moves.filter((move) => !later.includes(move));
    expect(others.map(({ from }) => from).sort()).toEqual(addresses(before));
    expect(moves.map(({ to }) => to).sort()).toEqual(addresses(after));
  });

  test("can be one of several, and below another one", () => {
    const stack = stackOf();
    const outer = new Construct(stack, "Outer");
    for (const id of ["A", "B"]) {
      const group = new Construct(outer, id);
      new Volume(group, "Resource", { name: id });
      FormerId.of(group, `Old${id}`);
    }
    const { moved } = JSON.parse(Testing.synth(stack, true));
    expect(moved).toEqual([
      {
        from: expect.stringMatching(/^docker_volume\.Outer_OldA_/),
        to: expect.stringMatching(/^docker_volume\.Outer_A_/),
      },
      {
        from: expect.stringMatching(/^docker_volume\.Outer_OldB_/),
        to: expect.stringMatching(/^docker_volume\.Outer_B_/),
      },
    ]);
  });

  test.each(["Same", "", "a/b"])("refuses %j", (id) => {
    const group = new Construct(stackOf(), "Same");
    expect(() => FormerId.of(group, id)).toThrow(/formerId[\s\S]*Fix: /);
  });
});
