import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** As much of a jsii assembly as a reference shows. */
export interface Docs {
  readonly summary?: string;
  readonly remarks?: string;
  readonly default?: string;
  readonly returns?: string;
  readonly example?: string;
  readonly see?: string;
  readonly custom?: { readonly throws?: string };
}

export interface TypeReference {
  readonly primitive?: string;
  readonly fqn?: string;
  readonly collection?: { readonly kind: "array" | "map"; readonly elementtype: TypeReference };
}

export interface Parameter {
  readonly name: string;
  readonly optional?: boolean;
  readonly variadic?: boolean;
  readonly type: TypeReference;
  readonly docs?: Docs;
}

export interface Member {
  readonly name: string;
  readonly docs?: Docs;
  readonly static?: boolean;
  readonly const?: boolean;
  readonly protected?: boolean;
  readonly optional?: boolean;
  readonly type?: TypeReference;
  readonly parameters?: readonly Parameter[];
  readonly returns?: { readonly type: TypeReference };
}

export interface Type {
  readonly name: string;
  readonly fqn: string;
  readonly kind: "class" | "interface" | "enum";
  readonly docs?: Docs;
  readonly datatype?: boolean;
  readonly interfaces?: readonly string[];
  readonly initializer?: Omit<Member, "name">;
  readonly methods?: readonly Member[];
  readonly properties?: readonly Member[];
  readonly members?: readonly Member[];
}

export interface Assembly {
  readonly name: string;
  readonly version: string;
  readonly types: { readonly [fqn: string]: Type };
}

export function assemblyIn(folder: string): Assembly {
  const assembly = JSON.parse(readFileSync(join(folder, ".jsii"), "utf8"));
  return assembly.schema === "jsii/file-redirect"
    ? JSON.parse(gunzipSync(readFileSync(join(folder, assembly.filename))).toString())
    : assembly;
}
