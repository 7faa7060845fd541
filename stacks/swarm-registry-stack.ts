import type { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import {
  type HtpasswdUser,
  type Permission,
  type RegistryStorage,
  SwarmRegistry,
  type SwarmServiceOptions,
} from "../lib";
import { RegistryStack, type RegistryStackProps } from "./registry-stack";

/** What a registry on several machines has not: a volume to protect or to back up, files of its own, one metrics endpoint. */
type OfOneMachine = "protectData" | "backup" | "browser" | "monitoring";

export interface SwarmRegistryStackProps extends Omit<RegistryStackProps, OfOneMachine> {
  /** Where the images are, made for the given stack, as keys are its variables. */
  readonly storage: (stack: TerraformStack) => RegistryStorage;

  /**
   * Condition of Terraform that tells whether the storage is named by now; asked when the networks are there, so that
   * a plan is possible before.
   *
   * @default - it is taken for granted
   */
  readonly isStorageNamed?: string;

  /**
   * Who may do what.
   *
   * @default - everybody who reaches the port may do everything
   */
  readonly users?: HtpasswdUser[];

  /**
   * What everybody may do, without a login.
   *
   * @default - nothing
   */
  readonly everybody?: Permission[];

  /**
   * How many registries there are.
   *
   * @default 2
   */
  readonly replicas?: number;

  /**
   * How many nodes there are, so that a deploy can wait for the proxy of each.
   *
   * @default - not known
   */
  readonly nodes?: number;

  /**
   * Whether what nodes say to each other is encrypted.
   *
   * @default false
   */
  readonly encryptedNetworks?: boolean;

  /**
   * Where the registries run, how they are updated, and what they may use.
   *
   * @default - anywhere, one after the other, without limits
   */
  readonly registryService?: SwarmServiceOptions;

  /**
   * The same of the proxies.
   *
   * @default - on all nodes
   */
  readonly proxyService?: SwarmServiceOptions;
}

/** A registry on all nodes of a Docker Swarm; its images are in a bucket. */
export class SwarmRegistryStack extends RegistryStack {
  public static override readonly onSwarm: boolean = true;

  public readonly registry: SwarmRegistry;

  constructor(scope: Construct, id: string, props: SwarmRegistryStackProps) {
    super(scope, id, props);
    const { images, users, everybody, replicas, nodes, encryptedNetworks, registryService, proxyService } = props;
    this.registry = new SwarmRegistry(this, "Default", {
      endpoint: props.endpoint,
      alternativeNames: props.alternativeNames,
      certificate: props.certificate?.(this),
      caCertificatePem: props.caCertificatePem,
      storage: props.storage(this),
      users,
      everybody,
      replicas,
      nodes,
      encryptedNetworks,
      registryService,
      proxyService,
      redisOptions: { image: images.redis },
      registryOptions: { image: images.registry, deleteEnabled: true, ...props.registry },
      proxyOptions: { image: images.nginx, ...props.proxy },
    });
    this.registry.addOutputs();
    this.requireStorage(props.isStorageNamed);
  }

  private requireStorage(condition: string | undefined): void {
    if (condition !== undefined) {
      const { resource, network } = this.registry.registry;
      resource.addOverride("lifecycle.precondition", [
        {
          condition: `\${${condition} || ${network.terraformResourceType}.${network.friendlyUniqueId}.id == ""}`,
          error_message:
            "The bucket is not named. Fix: set TF_VAR_s3_endpoint, TF_VAR_s3_bucket, TF_VAR_s3_access_key and TF_VAR_s3_secret_key, then deploy again.",
        },
      ]);
    }
  }
}
