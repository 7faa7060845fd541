import { isIP } from "node:net";
import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { RandomProvider } from "@cdktf/provider-random/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { Lazy, LocalBackend, TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import {
  ClientTrust,
  type ContainerImage,
  type HtpasswdAuth,
  type IssuedCertificate,
  type PublicEndpoint,
  type RegistryImage,
  SelfSignedCA,
} from "../lib";
import { dockerProvider, type EngineProps } from "./engine";

/** The images of one environment, so that a plan does not depend on the machine that makes it. */
export interface RegistryImages {
  readonly registry: RegistryImage;
  /** For a registry that must read the configuration of version 2. */
  readonly registryV2: RegistryImage;
  readonly nginx: ContainerImage;
  readonly redis: ContainerImage;
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
   * Whether Terraform refuses to destroy the volume with the images.
   *
   * @default true
   */
  readonly protectData?: boolean;
}

/** What all registry stacks share: providers, state and outputs. */
export abstract class RegistryStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: RegistryStackProps) {
    super(scope, id);
    dockerProvider(this, props);
    new RandomProvider(this, "Random");
    // The bindings know 3.6.2; newer ones restart a stopped container where that one makes it anew.
    this.addOverride("terraform.required_providers.docker.version", ">= 3.6.2, < 5.0.0");
    this.addOverride("terraform.required_providers.random.version", ">= 3.7.2, < 4.0.0");

    // terraform_data (1.4) and plantimestamp (1.5); OpenTofu has had both from its start.
    this.addOverride("terraform.required_version", ">= 1.5.0");

    const toState = props.state ?? localState;
    toState(this);

    this.output("registry_url", props.endpoint.url, "Address of the registry");
    this.output("registry_host", props.endpoint.hostPort, "The registry as image names begin with it");
  }

  /** A CA of the environment's own, and a certificate of it for the endpoint. */
  protected privateTrust(props: RegistryStackProps): { ca: SelfSignedCA; certificate: IssuedCertificate } {
    new TlsProvider(this, "Tls");
    const names = props.alternativeNames ?? [];
    const ca = new SelfSignedCA(this, "CA", { commonName: `${this.node.id} registry CA` });
    const certificate = ca.issueCertificate("Server", {
      endpoint: props.endpoint,
      dnsNames: names.filter((name) => !isIP(name)),
      ipAddresses: names.filter((name) => isIP(name)),
    });
    this.clientTrust(props, ca);
    this.output("ca_certificate", ca.certificatePem, "The CA's certificate, for clients");
    this.output("certificate_expires_at", certificate.expiresAt, "When the server's certificate expires");
    return { ca, certificate };
  }

  /** The folder with what a client's machine needs. */
  protected clientTrust(props: RegistryStackProps, ca?: SelfSignedCA): void {
    new LocalProvider(this, "Local");
    this.addOverride("terraform.required_providers.local.version", ">= 2.5.0, < 3.0.0");
    const trust = new ClientTrust(this, "ClientTrust", {
      endpoint: props.endpoint,
      caCertificatePem: ca?.certificatePem,
    });
    this.output("client_trust_directory", trust.directory, "Folder to copy to clients, with an install script");
  }

  /** The passwords that were generated, by user; `npm start` tells how to log in with them. */
  protected usersOutput(users: HtpasswdAuth | undefined): void {
    if (users) {
      const output = new TerraformOutput(this, "users", {
        // Late, for users who are added to the stack.
        value: Lazy.anyValue({ produce: () => users.passwords }),
        description: "Generated passwords by user",
        sensitive: true,
      });
      output.overrideLogicalId("users");
    }
  }

  protected output(name: string, value: string, description: string): void {
    const output = new TerraformOutput(this, name, { value, description });
    output.overrideLogicalId(name);
  }
}

/** Relative to the folder that Terraform runs in, so that the same plan comes out of every checkout. */
function localState(stack: TerraformStack): void {
  new LocalBackend(stack, { path: `../../../state/${stack.node.id}.tfstate` });
}
