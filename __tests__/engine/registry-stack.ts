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
import type { StackFactory } from "./deployment";

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
  return (app, id) => new AdjustedStack(app, id, port, adjustments);
}

class AdjustedStack extends RegistryStack {
  constructor(scope: ConstructorParameters<typeof RegistryStack>[0], id: string, port: number, adjust: Adjustments) {
    const endpoint = PublicEndpoint.http({ host: "localhost", port });
    super(scope, id, { endpoint, images });
    const registry = new RegistryContainer(this, "Registry", {
      image: images.registry,
      storage: RegistryStorage.filesystem({ protectData: false }),
      deleteEnabled: true,
      ...adjust.registry,
    });
    new NginxProxy(this, "Proxy", { image: images.nginx, endpoint, registry, ...adjust.proxy });
  }
}
