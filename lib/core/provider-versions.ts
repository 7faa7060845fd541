import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { requireSameFramework } from "./framework";

interface ProviderVersions {
  /** The class that a stack makes. */
  readonly className: string;
  readonly constraint: string;
}

/** The bindings pin one version each; these are those that the library works with. */
const VERSIONS: { readonly [name: string]: ProviderVersions } = {
  // 3.6.2 makes a stopped container anew where newer ones start it again.
  docker: { className: "DockerProvider", constraint: ">= 3.6.2, < 5.0.0" },
  random: { className: "RandomProvider", constraint: ">= 3.7.2, < 4.0.0" },
  local: { className: "LocalProvider", constraint: ">= 2.5.0, < 3.0.0" },
  // 4.1.0 has no path length yet; 4.2.0 replaces certificates of 4.1.0 for nothing.
  tls: { className: "TlsProvider", constraint: ">= 4.2.1, < 5.0.0" },
};

/** The versions of a provider that all of the library works with. */
export function providerConstraint(name: string): string {
  return VERSIONS[name].constraint;
}

/** Said once for each stack: by the first construct that needs the provider. */
const required = new WeakMap<TerraformStack, Set<string>>();

/**
 * Says which versions of a provider the stack may take, unless the stack itself has said so, and that it needs the
 * provider at all: cdktf names what is missing, but not the line to write.
 *
 * @param name as Terraform calls it: docker, random, local or tls
 */
export function requireProvider(scope: Construct, name: string): void {
  const stack = TerraformStack.of(scope);
  requireSameFramework(stack);
  const names = required.get(stack) ?? new Set();
  if (names.has(name)) {
    return;
  }
  required.set(stack, names.add(name));
  const { className, constraint } = VERSIONS[name];
  scope.node.addValidation({
    validate: () =>
      providersOf(stack, name).length > 0
        ? []
        : [
            `the stack has no ${name} provider. Fix: new ${className}(stack, "${className.replace(/Provider$/, "")}"), from @cdktf/provider-${name}/lib/provider`,
          ],
  });
  if (!hasOwnConstraint(stack, name)) {
    stack.addOverride(`terraform.required_providers.${name}.version`, constraint);
  }
}

function providersOf(stack: TerraformStack, name: string) {
  return stack.allProviders().filter((provider) => provider.terraformResourceType === name);
}

/** Whether the stack's user has written an override before: what stands there is not the bindings' own. */
function hasOwnConstraint(stack: TerraformStack, name: string): boolean {
  const current = stack.toTerraform().terraform?.required_providers?.[name]?.version;
  const pinned = providersOf(stack, name).map(({ terraformGeneratorMetadata }) => terraformGeneratorMetadata);
  return (
    current !== undefined &&
    !pinned.some((metadata) => metadata?.providerVersionConstraint === current || metadata?.providerVersion === current)
  );
}
