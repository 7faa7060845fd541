import type { TerraformStack } from "cdktf";
import { images } from "../../environments/images";
import {
  NginxProxy,
  type NginxProxyProps,
  PublicEndpoint,
  RegistryContainer,
  type RegistryContainerProps,
  RegistryStorage,
} from "../../lib";
import { HttpRegistryStack, RegistryStack } from "../../stacks";
import type { StackFactory } from "../machine/deployment";

export const VERSIONS = { "version 2": images.registryV2, "version 3": images.registry };

/** The stack of the environment `http`, on a port of the test's own and with data that may go with it. */
export function httpRegistry(port: number): StackFactory {
  return (app, id) =>
    new HttpRegistryStack(app, id, {
      endpoint: PublicEndpoint.http({ host: "localhost", port }),
      images,
      protectData: false,
    });
}

/** What a test changes on a registry that runs. */
export interface Adjustments {
  readonly registry?: Partial<RegistryContainerProps>;
  readonly proxy?: Partial<NginxProxyProps>;
}

/** The same parts with every prop within reach. */
export function adjustedRegistry(port: number, adjustments: Adjustments = {}): StackFactory {
  return (app, id) => new AdjustedStack(app, id, port, () => adjustments);
}

/** The same for props that are parts, which are made in the registry's own stack. */
export function composedRegistry(
  port: number,
  compose: (stack: TerraformStack) => RegistryContainerProps,
  proxy: Partial<NginxProxyProps> = {},
): StackFactory {
  return (app, id) => new AdjustedStack(app, id, port, (stack) => ({ registry: compose(stack), proxy }));
}

class AdjustedStack extends RegistryStack {
  constructor(
    scope: ConstructorParameters<typeof RegistryStack>[0],
    id: string,
    port: number,
    adjust: (stack: TerraformStack) => Adjustments,
  ) {
    const endpoint = PublicEndpoint.http({ host: "localhost", port });
    super(scope, id, { endpoint, images });
    const adjustments = adjust(this);
    const registry = new RegistryContainer(this, "Registry", {
      image: images.registry,
      storage: RegistryStorage.filesystem({ protectData: false }),
      deleteEnabled: true,
      ...adjustments.registry,
    });
    new NginxProxy(this, "Proxy", { image: images.nginx, endpoint, registry, ...adjustments.proxy });
  }
}
