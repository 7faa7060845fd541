import type { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { HtpasswdAuth, HtpasswdUser, MirrorContainer, type MirrorUpstream, NginxProxy, RegistryStorage } from "../lib";
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
    const { certificate } = this.privateTrust(props);
    const users = props.readers
      ? new HtpasswdAuth(this, "Users", {
          users: props.readers.map((name) => HtpasswdUser.generated(name)),
          realm: `${id} registry`,
        })
      : undefined;
    const registry = new MirrorContainer(this, "Registry", {
      image: props.images.registry,
      storage: RegistryStorage.filesystem({ protectData: props.protectData }),
      upstream: props.upstream(this),
    });
    new NginxProxy(this, "Proxy", {
      image: props.images.nginx,
      endpoint: props.endpoint,
      registry,
      certificate,
      auth: users,
    });
    this.usersOutput(users);
  }
}
