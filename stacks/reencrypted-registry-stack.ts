import type { Construct } from "constructs";
import {
  HtpasswdAuth,
  type HtpasswdUser,
  NginxProxy,
  RegistryContainer,
  RegistryListener,
  RegistryStorage,
} from "../lib";
import { RegistryStack, type RegistryStackProps } from "./registry-stack";

export interface ReencryptedRegistryStackProps extends RegistryStackProps {
  /**
   * Who may pull and who may push, checked by the registry.
   *
   * @default - everybody who reaches the port
   */
  readonly users?: HtpasswdUser[];
}

/** TLS all the way: the registry serves it too, and the proxy verifies the registry's certificate against the CA. */
export class ReencryptedRegistryStack extends RegistryStack {
  constructor(scope: Construct, id: string, props: ReencryptedRegistryStackProps) {
    super(scope, id, props);
    const { ca, certificate } = this.privateTrust(props);
    const users = props.users && new HtpasswdAuth(this, "Users", { users: props.users, realm: `${id} registry` });
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
      auth: users,
    });
    new NginxProxy(this, "Proxy", { image: props.images.nginx, endpoint: props.endpoint, registry, certificate });
    this.usersOutput(users);
  }
}
