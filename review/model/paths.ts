import type { ConfigurationJson, ResourceConfigurationJson } from "./plan-json";

/** What the code says of the resources of a stack, by address without an index. */
export type ConfiguredResources = ReadonlyMap<string, ResourceConfigurationJson>;

export function configuredResources(configuration: ConfigurationJson): ConfiguredResources {
  const all = new Map<string, ResourceConfigurationJson>();
  for (const [type, resources] of Object.entries(configuration.resource ?? {})) {
    for (const [name, resource] of Object.entries(resources)) {
      all.set(`${type}.${name}`, resource);
    }
  }
  return all;
}

/** Ids that cdktf leaves out of what people read. */
const HIDDEN = ["Default", "Resource"];

/** `production/Default/Registry/Data` → `Registry/Data`. */
export function shownPath(path: string): string {
  const [, ...ids] = path.split("/");
  const shown = ids.filter((id) => !HIDDEN.includes(id));
  return (shown.length > 0 ? shown : ids).join("/");
}

/**
 * The path of a construct. The code knows it no more when the resource is to be destroyed: then it is read from the
 * address, which cdktf makes of the ids and eight digits of a hash.
 */
export function constructPath(address: string, resources: ConfiguredResources): string {
  const [, index = ""] = /(\[[^\]]*\])$/.exec(address) ?? [];
  const bare = address.slice(0, address.length - index.length);
  const path = resources.get(bare)?.["//"]?.metadata?.path;
  if (path !== undefined) {
    return `${shownPath(path)}${index}`;
  }
  const [, ids] = /^[^.]+\.(\w+)_[0-9A-F]{8}$/.exec(bare) ?? [];
  return ids === undefined ? address : `${ids.replace(/_/g, "/")}${index}`;
}
