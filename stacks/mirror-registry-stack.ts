import type { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { type ConfigVolume, HtpasswdUser, MirrorContainer, type MirrorUpstream } from "../lib";
import { RegistryStack, type RegistryStackProps } from "./registry-stack";

/** An upstream that another stack deploys. */
export interface MirroredEnvironment extends MirrorUpstream {
  /**
   * Condition of Terraform that tells whether it is there; asked when the mirror is about to be made.
   *
   * @default - it is taken for granted
   */
  readonly isDeployed?: string;

  /**
   * What the deploy says when it is not.
   *
   * @default - that the upstream is not deployed
   */
  readonly missing?: string;
}

export interface MirrorRegistryStackProps extends RegistryStackProps {
  /** The registry that is mirrored, as the given stack knows it. */
  readonly upstream: (stack: TerraformStack) => MirroredEnvironment;

  /**
   * Names of those who may pull; a copy must not be easier to get than the original.
   *
   * @default - everybody who reaches the port
   */
  readonly readers?: string[];
}

/** A pull-through mirror behind nginx over TLS. */
export class MirrorRegistryStack extends RegistryStack {
  public static override readonly pullOnly: boolean = true;

  constructor(scope: Construct, id: string, props: MirrorRegistryStackProps) {
    super(scope, id, props);
    const upstream = props.upstream(this);
    const users = props.readers?.map((name) => HtpasswdUser.generated(name));
    const { registry, proxy } = this.addRegistry({ users, upstream });
    if (registry instanceof MirrorContainer) {
      requireDeployed(registry.registry.config, upstream);
      // Else it would wait for the registry, and the deploy for it.
      requireDeployed(proxy.config, upstream);
    }
  }
}

/**
 * Without its upstream, a mirror waits a minute for a network that is not there. The volume's id is known to the deploy
 * only, and so is the answer: a first plan is possible before the upstream is there.
 */
function requireDeployed({ writer, resource }: ConfigVolume, { isDeployed, missing }: MirroredEnvironment): void {
  if (isDeployed !== undefined) {
    const volume = `${resource.terraformResourceType}.${resource.friendlyUniqueId}`;
    writer.addOverride("lifecycle.precondition", [
      {
        condition: `\${${isDeployed} || ${volume}.id == ""}`,
        error_message: missing ?? "The upstream of this mirror is not deployed.",
      },
    ]);
  }
}
