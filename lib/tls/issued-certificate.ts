import { isIP } from "node:net";
import { CertRequest } from "@cdktf/provider-tls/lib/cert-request";
import { LocallySignedCert } from "@cdktf/provider-tls/lib/locally-signed-cert";
import { PrivateKey } from "@cdktf/provider-tls/lib/private-key";
import { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import type { PublicEndpoint } from "../core/public-endpoint";
import { isKnown } from "../core/validation";
import type { ICertificate } from "./certificate";
import type { ICertificateAuthority } from "./certificate-authority";
import { hours, validityOf } from "./certificate-validity";
import { KeyAlgorithm } from "./key-algorithm";
import { canonicalName, requireDnsNames, requireIpAddresses } from "./subject-alternative-names";

/** A server certificate to be issued; at least one name or address. */
export interface IssueCertificateProps {
  /**
   * The public endpoint that it is for: its host becomes the first name.
   *
   * @default - none: only `dnsNames` and `ipAddresses`
   */
  readonly endpoint?: PublicEndpoint;

  /**
   * DNS names that clients use; a `*` may stand for the first label.
   *
   * @default - none
   */
  readonly dnsNames?: string[];

  /**
   * IP addresses that clients use, v4 or v6.
   *
   * @default - none
   */
  readonly ipAddresses?: string[];

  /**
   * How long it is valid, in days. Only a deploy renews it: it must outlast the longest time between two deploys.
   *
   * @default 365
   */
  readonly validityDays?: number;

  /**
   * How many days before its end a deploy renews it.
   *
   * @default - 90, or half of `validityDays` where that is less
   */
  readonly renewBeforeDays?: number;

  /**
   * Kind and size of the server's key.
   *
   * @default KeyAlgorithm.ecdsa() - P-256
   */
  readonly keyAlgorithm?: KeyAlgorithm;
}

/** What a CA adds to what its user asks for. */
export interface IssuedCertificateProps extends IssueCertificateProps {
  /** The authority that signs. */
  readonly ca: ICertificateAuthority;
}

/**
 * A server certificate of a private authority such as `SelfSignedCA`.
 *
 * A renewal, another validity or another name replaces the certificate and keeps the key, so that a plan shows one
 * small replacement. To change the key: `terraform apply -replace=<address of the PrivateKey>`.
 *
 * @example
 * import { IssuedCertificate, KeyAlgorithm, SelfSignedCA } from "cdktf-docker-registry";
 *
 * const ca = new SelfSignedCA(stack, "CA");
 * const certificate = new IssuedCertificate(stack, "Server", {
 *   ca,
 *   dnsNames: ["registry.example.com"],
 *   ipAddresses: ["192.0.2.10"],
 *   keyAlgorithm: KeyAlgorithm.rsa(3072),
 * });
 */
export class IssuedCertificate extends Construct implements ICertificate {
  /** The signed certificate. */
  public readonly resource: LocallySignedCert;

  /** The request that it was signed for. */
  public readonly request: CertRequest;

  /** The server's private key. */
  public readonly privateKey: PrivateKey;

  public readonly subjectAlternativeNames?: string[];

  /** @throws when there is no name, a name is none, or it would be valid for longer than its CA */
  constructor(scope: Construct, id: string, props: IssuedCertificateProps) {
    super(scope, id);
    const { dnsNames, ipAddresses } = namesOf(this, props);
    this.subjectAlternativeNames = [...dnsNames, ...ipAddresses];
    const validity = validityOf(this, props, { validityDays: 365, renewBeforeDays: 90 });
    requireWithinCA(this, validity.validityDays, props.ca.validityDays);

    const { algorithm, ecdsaCurve, rsaBits } = props.keyAlgorithm ?? KeyAlgorithm.ecdsa();
    this.privateKey = new PrivateKey(this, "PrivateKey", { algorithm, ecdsaCurve, rsaBits });
    this.request = new CertRequest(this, "Request", {
      privateKeyPem: this.privateKey.privateKeyPem,
      // Clients go by the alternative names; a common name that is one of them is for people who read the certificate.
      subject: [{ commonName: this.subjectAlternativeNames.find((name) => name.length <= 64) }],
      dnsNames: dnsNames.length > 0 ? dnsNames : undefined,
      ipAddresses: ipAddresses.length > 0 ? ipAddresses : undefined,
    });
    this.resource = new LocallySignedCert(this, "Resource", {
      caCertPem: props.ca.certificatePem,
      caPrivateKeyPem: props.ca.privateKeyPem,
      certRequestPem: this.request.certRequestPem,
      allowedUses: [
        "digital_signature",
        // RSA keys alone can encrypt the session key of an old handshake (RFC 5480, section 3).
        ...(algorithm === "RSA" ? ["key_encipherment"] : []),
        "server_auth",
      ],
      setSubjectKeyId: true,
      validityPeriodHours: hours(validity.validityDays),
      earlyRenewalHours: hours(validity.renewBeforeDays),
    });
  }

  /** The certificate; the CA is not sent along, clients have it. */
  public get certificateChainPem(): string {
    return this.resource.certPem;
  }

  /** The private key; the tls provider marks it sensitive. */
  public get privateKeyPem(): string {
    return this.privateKey.privateKeyPem;
  }

  public get expiresAt(): string {
    return this.resource.validityEndTime;
  }
}

/** The names as they are written into the certificate: each once, in the order in which they were given. */
function namesOf(where: Construct, props: IssueCertificateProps): { dnsNames: string[]; ipAddresses: string[] } {
  requireDnsNames(where, props.dnsNames ?? []);
  requireIpAddresses(where, props.ipAddresses ?? []);
  const host = props.endpoint?.host;
  const hosts = host === undefined ? [] : [host];
  const unique = (names: string[]) => [...new Set(names.map((name) => (isKnown(name) ? canonicalName(name) : name)))];
  const dnsNames = unique([...hosts.filter((name) => !isIP(name)), ...(props.dnsNames ?? [])]);
  const ipAddresses = unique([...hosts.filter((name) => isIP(name)), ...(props.ipAddresses ?? [])]);
  if (dnsNames.length + ipAddresses.length === 0) {
    throw invalidInput({
      where,
      field: "dnsNames",
      got: props.dnsNames,
      expected: "at least one name or address in endpoint, dnsNames or ipAddresses: clients ignore the common name",
      fix: 'name what clients write in image names, such as ["registry.example.com"]',
    });
  }
  return { dnsNames, ipAddresses };
}

function requireWithinCA(where: Construct, validityDays: number, caValidityDays: number): void {
  if (isKnown(validityDays) && isKnown(caValidityDays) && validityDays > caValidityDays) {
    throw invalidInput({
      where,
      field: "validityDays",
      got: validityDays,
      expected: `at most the CA's own ${caValidityDays} days: clients refuse a certificate whose CA has expired`,
      fix: `write ${caValidityDays} or less, or raise the CA's validityDays`,
    });
  }
}
