import type { Environment } from "./environment";
import { http } from "./http";
import { local } from "./local";

/** All environments by name; add yours here. */
export const environments: { readonly [name: string]: Environment } = { local, http };
