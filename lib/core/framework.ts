import { TerraformStack } from "cdktf";
import { invalidInput } from "./errors";

/** Where jsii notes the name of a class, such as `cdktf.TerraformStack`. */
const CLASS_NAME = Symbol.for("jsii.rtti");

/** The framework that this package is made for: CDK for Terraform, or CDK Terrain. */
const OURS = frameworkOf(TerraformStack) ?? "cdktf";

/**
 * CDK for Terraform and CDK Terrain, its continuation, take each other's stacks for their own, and fail only at the end
 * of a synth, with "is not a function".
 */
export function requireSameFramework(stack: TerraformStack): void {
  const theirs = frameworkOf(stack.constructor);
  if (theirs !== undefined && theirs !== OURS) {
    throw invalidInput({
      where: stack,
      field: "stack",
      got: `a TerraformStack of ${theirs}`,
      expected: `one of ${OURS}, which this package is made for`,
      fix: `install ${theirs}-docker-registry and import from it, or make App and TerraformStack from "${OURS}"`,
    });
  }
}

/** The package that the nearest class compiled by jsii is of, which for a stack is the framework's or a library's. */
function frameworkOf(stackClass: unknown): string | undefined {
  for (let one = stackClass; typeof one === "function"; one = Object.getPrototypeOf(one)) {
    const { fqn } = (Object.getOwnPropertyDescriptor(one, CLASS_NAME)?.value ?? {}) as { fqn?: string };
    if (fqn?.endsWith(".TerraformStack")) {
      return fqn.slice(0, fqn.indexOf("."));
    }
  }
  return undefined;
}
