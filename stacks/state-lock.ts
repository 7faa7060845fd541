import { Annotations, S3Backend, type TerraformStack } from "cdktf";

/**
 * S3 is the one common backend that does not lock by itself: two deploys at a time spoil its state.
 * cdktf has no prop for `use_lockfile` (Terraform 1.10): an override sets it.
 */
export function warnAboutUnlockedState(stack: TerraformStack): void {
  if (!stack.node.findAll().some((part) => part instanceof S3Backend)) {
    return;
  }
  const { use_lockfile, dynamodb_table } = stack.toTerraform().terraform.backend.s3;
  if (!use_lockfile && !dynamodb_table) {
    Annotations.of(stack).addWarning(
      'the state in S3 is not locked: two deploys at a time spoil it. Fix: stack.addOverride("terraform.backend.s3.use_lockfile", true) in `state`, with Terraform 1.10 or OpenTofu 1.10, or dynamodbTable',
    );
  }
}
