import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { LocalBackend, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import {
  type ContainerImage,
  type IServerCertificate,
  type NginxProxyOptions,
  PrivateRegistry,
  type PrivateRegistryProps,
  type PrometheusServerOptions,
  type PublicEndpoint,
  type RegistryBackupOptions,
  type RegistryContainerProps,
  type RegistryImage,
} from "../lib";
import { requireProvider } from "../lib/core/provider-versions";
import { addProtectionOutput } from "./data-protection";
import { dockerProvider, type EngineProps } from "./engine";
import { warnAboutUnlockedState } from "./state-lock";

/** The images of one environment, so that a plan does not depend on the machine that makes it. */
export interface RegistryImages {
  readonly registry: RegistryImage;
  /** For a registry that must read the configuration of version 2. */
  readonly registryV2: RegistryImage;
  readonly nginx: ContainerImage;
  readonly redis: ContainerImage;

  /**
   * For backups.
   *
   * @default ContainerImage.RESTIC
   */
  readonly restic?: ContainerImage;

  /**
   * For monitoring.
   *
   * @default ContainerImage.PROMETHEUS
   */
  readonly prometheus?: ContainerImage;
}

/** What every environment says, whatever its variant. */
export interface RegistryStackProps extends EngineProps {
  /** Where clients find the registry. */
  readonly endpoint: PublicEndpoint;

  readonly images: RegistryImages;

  /**
   * Where Terraform keeps the state: one of cdktf's backends, made for the given stack.
   *
   * @default - the file state/<environment>.tfstate of this project
   */
  readonly state?: (stack: TerraformStack) => void;

  /**
   * Further names and addresses that the server's certificate is for, beside the endpoint's host.
   *
   * @default - none
   */
  readonly alternativeNames?: string[];

  /**
   * What the proxy serves TLS with, made for the given stack, such as
   * `(stack) => Certificate.fromFolder(stack, "Certificate", { folder })`.
   *
   * @default - a certificate of the registry's own authority, where the endpoint is HTTPS
   */
  readonly certificate?: (stack: TerraformStack) => IServerCertificate;

  /**
   * The CA of `certificate`, in PEM, where clients do not trust it anyway.
   *
   * @default - clients trust it already
   */
  readonly caCertificatePem?: string;

  /**
   * Whether Terraform refuses to destroy the volume with the images.
   *
   * @default true
   */
  readonly protectData?: boolean;

  /**
   * Whether a page at the registry's address shows what is in it.
   *
   * @default false
   */
  readonly browser?: boolean;

  /**
   * Settings of the proxy, such as time-outs, key exchange groups, or a port that redirects to HTTPS.
   *
   * @default - the proxy's defaults
   */
  readonly proxy?: NginxProxyOptions;

  /**
   * Settings of the registry, such as `readOnly` for a collection of garbage by hand.
   *
   * @default - the registry's defaults, and deletes are allowed
   */
  readonly registry?: RegistryContainerProps;

  /**
   * How the images are backed up.
   *
   * @default - not at all
   */
  readonly backup?: RegistryBackupOptions;

  /**
   * A Prometheus that watches the registry and alerts.
   *
   * @default - none
   */
  readonly monitoring?: PrometheusServerOptions;
}

/** What a variant adds to what every environment says. */
type Variant = Omit<PrivateRegistryProps, "endpoint" | "alternativeNames" | "protectData" | "browser">;

/** What all registry stacks share: providers, state and outputs. */
export abstract class RegistryStack extends TerraformStack {
  /** Whether nobody can push to it. */
  public static readonly pullOnly: boolean = false;

  /** Whether it runs as services of Docker Swarm. */
  public static readonly onSwarm: boolean = false;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RegistryStackProps,
  ) {
    super(scope, id);
    dockerProvider(this, props);
    new RandomProvider(this, "Random");
    new LocalProvider(this, "Local");
    // Also for a variant that writes no files for clients: the bindings pin one version.
    requireProvider(this, "local");
    if (props.endpoint.scheme === "https") {
      new TlsProvider(this, "Tls");
      // Also for a certificate that no construct here issues.
      requireProvider(this, "tls");
    }
    // terraform_data (1.4) and plantimestamp (1.5); OpenTofu has had both from its start.
    this.addOverride("terraform.required_version", ">= 1.5.0");

    const toState = props.state ?? localState;
    toState(this);
    warnAboutUnlockedState(this);
  }

  /** The registry of this stack, with the images of its environment, and its outputs. */
  protected addRegistry(variant: Variant): PrivateRegistry {
    const { endpoint, alternativeNames, protectData, browser, images, proxy, registry: options } = this.props;
    const { certificate, caCertificatePem } = this.props;
    const backup = this.props.backup ?? variant.backup;
    const monitoring = this.props.monitoring ?? variant.monitoring;
    const registry = new PrivateRegistry(this, "Default", {
      endpoint,
      alternativeNames,
      protectData,
      browser,
      certificate: certificate?.(this),
      caCertificatePem,
      ...variant,
      redisOptions: variant.redisCache ? { image: images.redis, ...variant.redisOptions } : undefined,
      backup: backup && { image: images.restic, ...backup },
      monitoring: monitoring && { image: images.prometheus, ...monitoring },
      registryOptions: { image: images.registry, ...deletes(variant), ...variant.registryOptions, ...options },
      proxyOptions: { image: images.nginx, ...variant.proxyOptions, ...proxy },
    });
    registry.addOutputs();
    addProtectionOutput(this);
    return registry;
  }
}

/** A mirror has copies only, and takes no deletes. */
function deletes({ upstream }: Variant): { deleteEnabled?: boolean } {
  return upstream ? {} : { deleteEnabled: true };
}

/** Relative to the folder that Terraform runs in, so that the same plan comes out of every checkout. */
function localState(stack: TerraformStack): void {
  new LocalBackend(stack, { path: `../../../state/${stack.node.id}.tfstate` });
}
