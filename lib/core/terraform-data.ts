import { TerraformResource, type TerraformResourceLifecycle } from "cdktf";
import type { Construct } from "constructs";

interface TerraformDataProps {
  /** What is kept; plans show its changes. */
  readonly input?: unknown;
  /** What is kept too, and makes the resource anew when it is another value. */
  readonly triggersReplace?: unknown;
  readonly lifecycle?: TerraformResourceLifecycle;
}

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
    private readonly props: TerraformDataProps,
  ) {
    super(scope, id, {
      terraformResourceType: "terraform_data",
      terraformGeneratorMetadata: { providerName: "terraform" },
      lifecycle: props.lifecycle,
    });
  }

  protected synthesizeAttributes(): { [name: string]: unknown } {
    return { input: this.props.input, triggers_replace: this.props.triggersReplace };
  }
}
