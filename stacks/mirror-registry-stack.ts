import type { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { HtpasswdUser, type MirrorUpstream } from "../lib";
import { RegistryStack, type RegistryStackProps } from "./registry-stack";

export interface MirrorRegistryStackProps extends RegistryStackProps {
  /** The registry that is mirrored, as the given stack knows it. */
  readonly upstream: (stack: TerraformStack) => MirrorUpstream;

  /**
   * Names of those who may pull; a copy must not be easier to get than the original.
   *
   * @default - everybody who reaches the port
   */
  readonly readers?: string[];
}

/** A pull-through mirror behind nginx over TLS. */
export class MirrorRegistryStack extends RegistryStack {
  constructor(scope: Construct, id: string, props: MirrorRegistryStackProps) {
    super(scope, id, props);
    this.addRegistry({
      users: props.readers?.map((name) => HtpasswdUser.generated(name)),
      upstream: props.upstream(this),
    });
  }
}
