import type { Construct } from "constructs";
import { type HtpasswdUser, LoginPlace } from "../lib";
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
    this.addRegistry({ reencrypted: true, users: props.users, loginPlace: props.users && LoginPlace.REGISTRY });
  }
}
