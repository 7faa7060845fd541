import type { Construct } from "constructs";
import { RegistryStack, type RegistryStackProps } from "./registry-stack";

/** A registry behind nginx over TLS with a certificate of its own CA, open to everybody who reaches its port. */
export class HttpsRegistryStack extends RegistryStack {
  constructor(scope: Construct, id: string, props: RegistryStackProps) {
    super(scope, id, props);
    this.addRegistry({});
  }
}
