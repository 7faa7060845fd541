import type { Construct } from "constructs";
import { RegistryStack, type RegistryStackProps } from "./registry-stack";

/** A registry behind nginx over plain HTTP, open to everybody who reaches its port. */
export class HttpRegistryStack extends RegistryStack {
  constructor(scope: Construct, id: string, props: RegistryStackProps) {
    super(scope, id, props);
    this.addRegistry({});
  }
}
