import type { IRegistry } from "./registry";
import type { IRegistryUsers } from "./registry-part";

/** For whatever checks users of a registry: at the registry itself, or at its proxy. */
export function pushersOfPullOnly(registry: IRegistry, users: IRegistryUsers | undefined): string[] {
  const pushers = registry.pullOnly ? (users?.pushUsers ?? []) : [];
  return pushers.map(
    (name) =>
      `${registry.node.path} takes no pushes, and "${name}" is a user who may push. Fix: let the user pull only, or push to the mirror's upstream`,
  );
}
