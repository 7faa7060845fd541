import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { providerConstraint, requireProvider } from "../core/provider-versions";

/** Before version 4 the provider knows networks of services by name only, and makes the service anew at each deploy. */
export function requireSwarmProvider(scope: Construct): void {
  requireProvider(scope, "docker");
  const stack = TerraformStack.of(scope);
  const { version } = stack.toTerraform().terraform?.required_providers?.docker ?? {};
  if (version === providerConstraint("docker")) {
    stack.addOverride("terraform.required_providers.docker.version", ">= 4.0.0, < 5.0.0");
  }
}
