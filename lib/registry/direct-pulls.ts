import { isKnown } from "../core/validation";
import { NotificationAction } from "./settings/notifications";

/**
 * Why the files of a registry do not say all that its answer to a pull depends on; nothing where they do.
 *
 * @param config its config.yml, merged
 */
export function whyAskedForPulls(config: { readonly [key: string]: any }): string | undefined {
  if (config.auth && Object.keys(config.auth).length > 0) {
    return "the registry itself checks who may pull; users of the proxy do not hinder it";
  }
  if (config.middleware && Object.keys(config.middleware).length > 0) {
    return "a middleware of the registry has a say in its answers";
  }
  if (["file", "http", "tcp"].some((kind) => config.health?.[kind]?.length > 0)) {
    return "a health check of the registry decides whether it is in service";
  }
  const endpoints: any[] = config.notifications?.endpoints ?? [];
  const told = endpoints.find(
    ({ disabled, ignore }) => !disabled && !ignore?.actions?.includes(NotificationAction.PULL),
  );
  if (told) {
    return `the registry tells the receiver "${told.name}" of each pull; ignoredActions: [NotificationAction.PULL] turns that off`;
  }
  const header = Object.entries(answerHeaders(config)).find(([, values]) => !values.every(isPlain));
  return header && `the value of the header ${header[0]} is not known at synth, or nginx cannot write it`;
}

/** The headers that a registry adds to each of its answers, sorted by name. */
export function answerHeaders(config: { readonly [key: string]: any }): { [name: string]: string[] } {
  return Object.fromEntries(
    Object.entries<any>(config.http?.headers ?? {})
      .map(([name, values]): [string, string[]] => [name, [values].flat()])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** What nginx takes as it stands: `$` would be the beginning of a variable's name. */
function isPlain(value: string): boolean {
  return isKnown(value) && /^[\x20-#%-~]*$/.test(value);
}
