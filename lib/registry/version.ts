import type { IConstruct } from "constructs";
import { invalidInput } from "../core/errors";

/** Settings that only one of the two versions knows; the other would ignore them without a word, or panic. */
export function requireVersion(
  where: IConstruct,
  majorVersion: number,
  needed: number,
  settings: { readonly [field: string]: unknown },
): void {
  const field = Object.keys(settings).find((name) => settings[name] !== undefined);
  if (majorVersion === needed || field === undefined) {
    return;
  }
  throw invalidInput({
    where,
    field,
    got: settings[field],
    expected: `nothing, because the image is distribution ${majorVersion} and only version ${needed} knows this setting`,
    fix: `leave ${field} out, or take an image with RegistryImage.of("…", ${needed})`,
  });
}
