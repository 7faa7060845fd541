import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { TerraformStack } from "cdktf";
import { PrivateRegistry, type PrivateRegistryProps } from "cdktf-docker-registry";
import type { Construct } from "constructs";

/** What differs from one environment to another. */
export interface RegistryStackProps extends PrivateRegistryProps {
  /** Where Terraform keeps the state, which has passwords and keys in it. */
  readonly state: (stack: TerraformStack) => void;

  /**
   * The Docker engine, such as `ssh://user@host`.
   *
   * @default - DOCKER_HOST, or the engine of this machine
   */
  readonly engine?: string;
}

/** The registry as every environment has it. What only your company has belongs here: DNS records, alarms, other mirrors. */
export class RegistryStack extends TerraformStack {
  public readonly registry: PrivateRegistry;

  constructor(scope: Construct, name: string, { state, engine, ...props }: RegistryStackProps) {
    super(scope, name);
    state(this);
    new DockerProvider(this, "Docker", { host: engine });
    new LocalProvider(this, "Local");
    new RandomProvider(this, "Random");
    new TlsProvider(this, "Tls");
    this.registry = new PrivateRegistry(this, "Default", props);
    this.registry.addOutputs();
  }
}
