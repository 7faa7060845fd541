import { type TerraformStack, TerraformVariable } from "cdktf";

/** A secret as users of the library pass it; its value comes from the environment, as `TF_VAR_<name>`. */
export function secretVariable(stack: TerraformStack, name: string): string {
  return new TerraformVariable(stack, name, { type: "string", sensitive: true }).stringValue;
}
