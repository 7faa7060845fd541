import type { TerraformStack } from "cdktf";
import type { PrivateRegistry } from "../../lib";

/** The registry of one of the shipped stacks, with its parts. */
export function privateRegistryOf(stack: TerraformStack): PrivateRegistry {
  return stack.node.findChild("Default") as PrivateRegistry;
}
