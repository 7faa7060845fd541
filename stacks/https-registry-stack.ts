import type { Construct } from "constructs";
import { NginxProxy, RegistryContainer, RegistryStorage } from "../lib";
import { RegistryStack, type RegistryStackProps } from "./registry-stack";

/** A registry behind nginx over TLS with a certificate of its own CA, open to everybody who reaches its port. */
export class HttpsRegistryStack extends RegistryStack {
  constructor(scope: Construct, id: string, props: RegistryStackProps) {
    super(scope, id, props);
    const { certificate } = this.privateTrust(props);
    const registry = new RegistryContainer(this, "Registry", {
      image: props.images.registry,
      storage: RegistryStorage.filesystem({ protectData: props.protectData }),
      deleteEnabled: true,
    });
    new NginxProxy(this, "Proxy", { image: props.images.nginx, endpoint: props.endpoint, registry, certificate });
  }
}
