import type { Environment } from "./environment";
import { shipped } from "./shipped";

/** All environments by name; add yours here. */
export const environments: { readonly [name: string]: Environment } = {
  ...shipped,
};
