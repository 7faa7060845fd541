import type { App } from "cdktf";
import type { PublicEndpoint } from "../lib";
import type { RegistryStack, RegistryStackProps } from "../stacks";

/** One place where a registry runs; its name is the name of the stack, as in `cdktf deploy <name>`. */
export interface Environment {
  readonly endpoint: PublicEndpoint;
  /** Where it is deployed, unless that is DOCKER_HOST or this machine. */
  readonly engine?: string;
  readonly create: (app: App, name: string) => RegistryStack;
}

/** An environment is a variant (a stack class) and its props. */
export function environment<P extends RegistryStackProps>(
  Variant: new (app: App, name: string, props: P) => RegistryStack,
  props: P,
): Environment {
  return { endpoint: props.endpoint, engine: props.engine, create: (app, name) => new Variant(app, name, props) };
}
