import type { TerraformStack } from "cdktf";
import { images } from "../../environments/images";
import { NginxProxy, PublicEndpoint, RegistryContainer, type RegistryContainerProps, RegistryStorage } from "../../lib";
import { RegistryStack } from "../../stacks";
import type { StackFactory } from "./deployment";

export const VERSIONS = { "version 2": images.registryV2, "version 3": images.registry };

/** A registry over plain HTTP whose parts are made in its own stack. */
export function composedRegistry(
  port: number,
  compose: (stack: TerraformStack) => RegistryContainerProps,
): StackFactory {
  return (app, id) => new ComposedStack(app, id, port, compose);
}

class ComposedStack extends RegistryStack {
  constructor(
    scope: ConstructorParameters<typeof RegistryStack>[0],
    id: string,
    port: number,
    compose: (stack: TerraformStack) => RegistryContainerProps,
  ) {
    const endpoint = PublicEndpoint.http({ host: "localhost", port });
    super(scope, id, { endpoint, images });
    const registry = new RegistryContainer(this, "Registry", {
      image: images.registry,
      storage: RegistryStorage.filesystem({ protectData: false }),
      deleteEnabled: true,
      ...compose(this),
    });
    new NginxProxy(this, "Proxy", { image: images.nginx, endpoint, registry });
  }
}
