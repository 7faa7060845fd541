import type { RegistryStackProps } from "../stacks/registry-stack";
import { local } from "./local";
import { production } from "./production";

/** Where a registry runs, by the name of its stack: one file each. */
export const environments: { readonly [name: string]: RegistryStackProps } = { local, production };
