import type { ConfigurationJson, PlanJson, ResourceChangeJson, ValueChangeJson } from "../../../review/model/plan-json";

/** A resource of a plan; values that are not given are not there. */
export function changed(
  address: string,
  change: Partial<ValueChangeJson>,
  rest: Partial<ResourceChangeJson> = {},
): ResourceChangeJson {
  const [type, name] = address.split(".");
  return { address, mode: "managed", type, name, change: { actions: ["update"], ...change }, ...rest };
}

export const planOf = (...changes: ResourceChangeJson[]): PlanJson => ({
  format_version: "1.2",
  resource_changes: changes,
});

/** The metadata that cdktf writes, by address. */
export function configurationOf(paths: Readonly<Record<string, string>>): ConfigurationJson {
  const resource: Record<string, Record<string, object>> = {};
  for (const [address, path] of Object.entries(paths)) {
    const [type, name] = address.split(".");
    resource[type] = { ...resource[type], [name]: { "//": { metadata: { path } } } };
  }
  return { resource } as ConfigurationJson;
}
