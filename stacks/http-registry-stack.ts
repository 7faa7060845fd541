import type { Construct } from "constructs";
import { NginxProxy, RegistryContainer, RegistryStorage } from "../lib";
import { RegistryStack, type RegistryStackProps } from "./registry-stack";

/** A registry behind nginx over plain HTTP, open to everybody who reaches its port. */
export class HttpRegistryStack extends RegistryStack {
  constructor(scope: Construct, id: string, props: RegistryStackProps) {
    super(scope, id, props);
    this.clientTrust(props);
    const registry = new RegistryContainer(this, "Registry", {
      image: props.images.registry,
      storage: RegistryStorage.filesystem({ protectData: props.protectData }),
      deleteEnabled: true,
    });
    new NginxProxy(this, "Proxy", { image: props.images.nginx, endpoint: props.endpoint, registry });
  }
}
