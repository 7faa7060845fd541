import type { App } from "cdktf";
import type { PublicEndpoint } from "../lib";
import type { EngineProps, RegistryStack, RegistryStackProps } from "../stacks";

/** One place where a registry runs; its name is the name of the stack, as in `cdktf deploy <name>`. */
export interface Environment extends EngineProps {
  readonly endpoint: PublicEndpoint;
  /** Whether it only gives what another registry has. */
  readonly pullOnly: boolean;
  /** Whether it runs as services of Docker Swarm, and not in containers of one engine. */
  readonly onSwarm: boolean;
  readonly create: (app: App, name: string) => RegistryStack;
}

/** An environment is a variant (a stack class) and its props. */
export function environment<P extends RegistryStackProps>(
  Variant: (new (
    app: App,
    name: string,
    props: P,
  ) => RegistryStack) & {
    readonly pullOnly: boolean;
    readonly onSwarm: boolean;
  },
  props: P,
): Environment {
  const { endpoint, engine, engineCertPath, engineSshOptions } = props;
  const { pullOnly, onSwarm } = Variant;
  const create = (app: App, name: string) => new Variant(app, name, props);
  return { endpoint, engine, engineCertPath, engineSshOptions, pullOnly, onSwarm, create };
}
