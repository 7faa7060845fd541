import type { Construct } from "constructs";
import { NginxProxy, RegistryContainer, RegistryListener, RegistryStorage } from "../lib";
import { RegistryStack, type RegistryStackProps } from "./registry-stack";

/** TLS all the way: the registry serves it too, and the proxy verifies the registry's certificate against the CA. */
export class ReencryptedRegistryStack extends RegistryStack {
  constructor(scope: Construct, id: string, props: RegistryStackProps) {
    super(scope, id, props);
    const { ca, certificate } = this.privateTrust(props);
    const containerName = `${id}-registry`;
    const registry = new RegistryContainer(this, "Registry", {
      containerName,
      image: props.images.registry,
      listener: RegistryListener.tls({
        certificate: ca.issueCertificate("Registry", { dnsNames: [containerName] }),
        caCertificatePem: ca.certificatePem,
      }),
      storage: RegistryStorage.filesystem({ protectData: props.protectData }),
      deleteEnabled: true,
    });
    new NginxProxy(this, "Proxy", { image: props.images.nginx, endpoint: props.endpoint, registry, certificate });
  }
}
