import { TerraformOutput } from "cdktf";
import { images } from "../../environments/images";
import {
  type IssueCertificateProps,
  type IssuedCertificate,
  NginxProxy,
  type NginxProxyProps,
  type PublicEndpoint,
  RegistryContainer,
  type RegistryListener,
  RegistryStorage,
  SelfSignedCA,
} from "../../lib";
import { RegistryStack } from "../../stacks";
import type { StackFactory } from "../machine/deployment";

/** What a test changes on a registry that is served over TLS. */
export interface TlsAdjustments {
  readonly proxy?: Partial<NginxProxyProps>;
  /** The server's certificate. */
  readonly server?: IssueCertificateProps;
  /** Whatever no prop stands for. */
  readonly override?: (certificate: IssuedCertificate) => void;
  /** Between registry and proxy; a unix socket when left out. */
  readonly listener?: (stack: TlsRegistryStack) => RegistryListener;
}

/** The parts of the environments `https` and `reencrypt`, with every prop within reach. */
export function tlsRegistry(endpoint: PublicEndpoint, adjustments: TlsAdjustments = {}): StackFactory {
  return (app, id) => new TlsRegistryStack(app, id, endpoint, adjustments);
}

export class TlsRegistryStack extends RegistryStack {
  public readonly ca: SelfSignedCA;
  public readonly registryName: string;

  constructor(
    scope: ConstructorParameters<typeof RegistryStack>[0],
    id: string,
    endpoint: PublicEndpoint,
    adjust: TlsAdjustments,
  ) {
    super(scope, id, { endpoint, images });
    this.registryName = `${id}-registry`;
    this.ca = new SelfSignedCA(this, "CA");
    const certificate = this.ca.issueCertificate("Server", { endpoint, ...adjust.server });
    adjust.override?.(certificate);
    const registry = new RegistryContainer(this, "Registry", {
      containerName: this.registryName,
      image: images.registry,
      listener: adjust.listener?.(this),
      storage: RegistryStorage.filesystem({ protectData: false }),
      deleteEnabled: true,
    });
    new NginxProxy(this, "Proxy", { image: images.nginx, endpoint, registry, certificate, ...adjust.proxy });
    new TerraformOutput(this, "ca_certificate", { value: this.ca.certificatePem });
    new TerraformOutput(this, "certificate_expires_at", { value: certificate.expiresAt });
  }
}
