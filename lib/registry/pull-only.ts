import type { IRegistry } from "./registry";
import type { IRegistryUsers } from "./registry-part";
import { EVERYBODY } from "./registry-rights";

/** For whatever checks users of a registry: at the registry itself, or at its proxy. */
export function pushersOfPullOnly(registry: IRegistry, users: IRegistryUsers | undefined): string[] {
  if (!registry.pullOnly || users === undefined) {
    return [];
  }
  const writers = (users.rights?.rules ?? []).filter(({ actions }) => actions.includes("push")).map(({ who }) => who);
  return [...new Set([...users.pushUsers, ...writers])].map((name) =>
    name === EVERYBODY
      ? `${registry.node.path} takes no pushes, and everybody may push. Fix: let everybody pull only, or push to the mirror's upstream`
      : `${registry.node.path} takes no pushes, and "${name}" is a user who may push. Fix: let the user pull only, or push to the mirror's upstream`,
  );
}
