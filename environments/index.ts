import type { Environment } from "./environment";
import { http } from "./http";
import { https } from "./https";
import { local } from "./local";
import { reencrypt } from "./reencrypt";

/** All environments by name; add yours here. */
export const environments: { readonly [name: string]: Environment } = { local, http, https, reencrypt };
