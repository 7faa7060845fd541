import { TerraformResource } from "cdktf";
import type { Construct } from "constructs";

/**
 * Terraform's own `terraform_data`, which keeps a value in the state and shows its changes in plans.
 *
 * cdktf's `DataResource` asks the binary for its version each time that a stack is synthesised (60 ms and more per
 * resource, and an error where there is no binary); Terraform itself refuses what it is too old for.
 */
export class TerraformData extends TerraformResource {
  constructor(
    scope: Construct,
    id: string,
    private readonly value: unknown,
  ) {
    super(scope, id, {
      terraformResourceType: "terraform_data",
      terraformGeneratorMetadata: { providerName: "terraform" },
    });
  }

  protected synthesizeAttributes(): { [name: string]: unknown } {
    return { input: this.value };
  }
}
