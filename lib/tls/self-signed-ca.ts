import { PrivateKey } from "@cdktf/provider-tls/lib/private-key";
import { SelfSignedCert } from "@cdktf/provider-tls/lib/self-signed-cert";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { defaultName } from "../core/names";
import { requireProvider } from "../core/provider-versions";
import type { ICertificateAuthority } from "./certificate-authority";
import { hours, validityOf } from "./certificate-validity";
import { type IssueCertificateProps, IssuedCertificate } from "./issued-certificate";
import { KeyAlgorithm } from "./key-algorithm";

/** The longest common name that RFC 5280 allows (ub-common-name). */
const LONGEST_COMMON_NAME = 64;

/** An own certificate authority. */
export interface SelfSignedCAProps {
  /**
   * Name of the authority, as trust stores list it: at most 64 characters.
   *
   * @default - `<stack>-<id>`: two stacks never have the same
   */
  readonly commonName?: string;

  /**
   * Organization of the authority, as trust stores show it.
   *
   * @default - none
   */
  readonly organization?: string;

  /**
   * Kind and size of the authority's key. Another one makes a new authority: clients must trust it anew.
   *
   * @default KeyAlgorithm.ecdsa() - P-256
   */
  readonly keyAlgorithm?: KeyAlgorithm;

  /**
   * How long the authority's certificate is valid, in days.
   *
   * @default 3650
   */
  readonly validityDays?: number;

  /**
   * How many days before its end a deploy renews the authority's certificate.
   * It keeps its key and its name: what it has issued stays valid under the old and the new one, and clients have this
   * long to get the new one.
   *
   * @default - 365, or half of `validityDays` where that is less
   */
  readonly renewBeforeDays?: number;
}

/**
 * A certificate authority of one's own, for hosts that no public one knows.
 *
 * Its private key and those of what it issues are kept in Terraform's state and nowhere else: who reads the state can
 * speak for every host. Give the CA's certificate to clients (`ClientTrust`), never the key.
 *
 * It needs the tls provider 4.2.1 or later and says so to the stack, over the version that the bindings ask for.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.2
 * @see https://registry.terraform.io/providers/hashicorp/tls/latest/docs
 *
 * @example
 * import { ClientTrust, PublicEndpoint, SelfSignedCA } from "cdktf-docker-registry";
 *
 * const endpoint = PublicEndpoint.https({ host: "registry.example.com" });
 * const ca = new SelfSignedCA(stack, "CA", { commonName: "Example registry CA" });
 * const certificate = ca.issueCertificate("Server", { endpoint });
 * new ClientTrust(stack, "ClientTrust", { endpoint, caCertificatePem: ca.certificatePem });
 */
export class SelfSignedCA extends Construct implements ICertificateAuthority {
  /** The authority's certificate. */
  public readonly resource: SelfSignedCert;

  /** The authority's private key. */
  public readonly privateKey: PrivateKey;

  /** How long the authority's certificate is valid, in days; nothing that it issues may be valid for longer. */
  public readonly validityDays: number;

  /**
   * @throws when a validity is zero, a renewal window is not shorter than it, or the common name is too long
   */
  constructor(scope: Construct, id: string, props: SelfSignedCAProps = {}) {
    super(scope, id);
    const commonName = props.commonName ?? defaultName(this).slice(0, LONGEST_COMMON_NAME);
    requireCommonName(this, commonName);
    const validity = validityOf(this, props, { validityDays: 3650, renewBeforeDays: 365 });
    this.validityDays = validity.validityDays;

    const { algorithm, ecdsaCurve, rsaBits } = props.keyAlgorithm ?? KeyAlgorithm.ecdsa();
    this.privateKey = new PrivateKey(this, "PrivateKey", { algorithm, ecdsaCurve, rsaBits });
    this.resource = new SelfSignedCert(this, "Resource", {
      privateKeyPem: this.privateKey.privateKeyPem,
      subject: [{ commonName, organization: props.organization }],
      isCaCertificate: true,
      allowedUses: ["cert_signing", "crl_signing"],
      setSubjectKeyId: true,
      validityPeriodHours: hours(validity.validityDays),
      earlyRenewalHours: hours(validity.renewBeforeDays),
    });
    // It issues server certificates only, so 0 would be right, but provider 4.2.1 writes no path length at all for 0
    // (Go's MaxPathLenZero is never set): 1 is the tightest one that arrives.
    this.resource.addOverride("max_path_length", 1);
    requireProvider(this, "tls");
  }

  /** The authority's certificate in PEM, for clients. */
  public get certificatePem(): string {
    return this.resource.certPem;
  }

  /** The authority's private key in PEM; the tls provider marks it sensitive. */
  public get privateKeyPem(): string {
    return this.privateKey.privateKeyPem;
  }

  /** When the authority's certificate expires, as an RFC 3339 time in UTC. */
  public get expiresAt(): string {
    return this.resource.validityEndTime;
  }

  /**
   * Issues a server certificate.
   *
   * @param id of the construct, a child of the CA
   * @throws when there is no name, one is malformed, the validity is zero or longer than the CA's, or the renewal window
   * is not shorter than the validity
   */
  public issueCertificate(id: string, props: IssueCertificateProps): IssuedCertificate {
    return new IssuedCertificate(this, id, { ...props, ca: this });
  }
}

function requireCommonName(where: Construct, commonName: string): void {
  if (!Token.isUnresolved(commonName) && (commonName.length === 0 || commonName.length > LONGEST_COMMON_NAME)) {
    throw invalidInput({
      where,
      field: "commonName",
      got: commonName,
      expected: `1 to ${LONGEST_COMMON_NAME} characters`,
      fix: 'write a name such as "Example registry CA", or leave it out',
    });
  }
}
