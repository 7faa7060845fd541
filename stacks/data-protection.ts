import { Volume } from "@cdktf/provider-docker/lib/volume";
import { TerraformOutput, type TerraformStack } from "cdktf";

/**
 * Says in the state whether a plan that destroys images is refused. Terraform keeps `prevent_destroy` in the code only, so
 * that no plan shows when it is taken away; this output it shows.
 */
export function addProtectionOutput(stack: TerraformStack): void {
  const volumes = stack.node
    .findAll()
    .filter((part): part is Volume => part instanceof Volume && part.node.id === "Data");
  if (volumes.length > 0) {
    const output = new TerraformOutput(stack, "data_protected", {
      value: volumes.every(({ lifecycle }) => lifecycle?.preventDestroy === true),
      description: "Whether Terraform refuses to destroy the volume with the images",
    });
    output.overrideLogicalId(output.node.id);
  }
}
