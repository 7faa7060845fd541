/** The parts of `terraform show -json <plan>` that a review reads; format version 1. */
export interface PlanJson {
  readonly format_version?: string;
  readonly variables?: Readonly<Record<string, { readonly value?: unknown }>>;
  readonly resource_changes?: readonly ResourceChangeJson[];
  /** What is otherwise than the state says, as somebody changed it by hand. */
  readonly resource_drift?: readonly ResourceChangeJson[];
  readonly output_changes?: Readonly<Record<string, ValueChangeJson>>;
  readonly prior_state?: { readonly values?: StateValuesJson };
  readonly planned_values?: StateValuesJson;
  readonly configuration?: { readonly root_module?: { readonly variables?: VariablesJson } };
}

type VariablesJson = Readonly<Record<string, { readonly sensitive?: boolean }>>;

export interface StateValuesJson {
  readonly outputs?: Readonly<Record<string, { readonly sensitive?: boolean; readonly value?: unknown }>>;
  readonly root_module?: ModuleValuesJson;
}

export interface ModuleValuesJson {
  readonly resources?: readonly { readonly values?: unknown; readonly sensitive_values?: unknown }[];
  readonly child_modules?: readonly ModuleValuesJson[];
}

export type ActionJson = "no-op" | "create" | "read" | "update" | "delete" | "forget";

/** A value before and after; the trees beside it say which parts of it are secret, and which only the deploy knows. */
export interface ValueChangeJson {
  readonly actions: readonly ActionJson[];
  readonly before?: unknown;
  readonly after?: unknown;
  readonly after_unknown?: unknown;
  readonly before_sensitive?: unknown;
  readonly after_sensitive?: unknown;
  readonly replace_paths?: readonly (readonly (string | number)[])[];
  readonly importing?: unknown;
}

export interface ResourceChangeJson {
  readonly address: string;
  readonly previous_address?: string;
  readonly mode?: string;
  readonly type: string;
  readonly name: string;
  readonly index?: string | number;
  readonly module_address?: string;
  readonly action_reason?: string;
  readonly change: ValueChangeJson;
}

/** The parts of a `cdk.tf.json` that a review reads. */
export interface ConfigurationJson {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, ResourceConfigurationJson>>>>;
  readonly variable?: Readonly<Record<string, { readonly sensitive?: boolean; readonly default?: unknown }>>;
  readonly output?: Readonly<Record<string, { readonly value?: unknown; readonly sensitive?: boolean }>>;
}

export interface ResourceConfigurationJson {
  readonly "//"?: { readonly metadata?: { readonly path?: string } };
  readonly lifecycle?: { readonly prevent_destroy?: boolean };
  readonly [argument: string]: unknown;
}
