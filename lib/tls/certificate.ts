import { DataTlsCertificate } from "@cdktf/provider-tls/lib/data-tls-certificate";
import { Annotations, Fn, Token } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { invalidInput } from "../core/errors";
import { requireProvider } from "../core/provider-versions";
import {
  type CertificateFromFolderProps,
  type CertificateFromVolumeProps,
  FollowedCertificate,
} from "./followed-certificate";
import {
  namesOf,
  outsideValidity,
  parseChain,
  parseKey,
  requireOrder,
  requireSameKey,
  requireServerCertificate,
  rfc3339,
} from "./pem-checks";
import type { IServerCertificate } from "./server-certificate";
import { coversHost } from "./subject-alternative-names";

/** A server certificate with its private key, both known to Terraform, as a proxy or a registry serves it. */
export interface ICertificate extends IServerCertificate {
  /** The server's own certificate first, then the intermediate ones up to, but without, the root. */
  readonly certificateChainPem: string;

  /** The private key; sensitive, so that no plan prints it. The state holds it. */
  readonly privateKeyPem: string;

  /** When the server's certificate expires, as an RFC 3339 time in UTC. */
  readonly expiresAt: string;
}

/** A certificate that somebody else issued, and its private key. */
export interface CertificateFromPemProps {
  /** PEM: the server's own certificate first, then its intermediates in order; the root may be left out. */
  readonly certificateChainPem: string;

  /**
   * PEM of the private key, without a passphrase (PKCS#8, PKCS#1 or SEC 1).
   *
   * Give it as a sensitive `TerraformVariable` or as `Fn.file(…)`: a literal text ends up in the synthesised
   * configuration, where plans do not show it but everybody who can read `cdktf.out` does.
   */
  readonly privateKeyPem: string;
}

/**
 * A certificate that exists already, such as one from the company's own or a public authority.
 *
 * What is known at synth is checked at synth: a chain in order, a server certificate and not a CA, names in it, a key
 * that belongs to it and is strong enough, a validity that includes now. A chain that only the deploy knows is checked
 * by the plan.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5280
 *
 * @example
 * import { TerraformVariable } from "cdktf";
 * import { Certificate } from "cdktf-docker-registry";
 *
 * const certificate = Certificate.fromPem(stack, "Certificate", {
 *   certificateChainPem: new TerraformVariable(stack, "chain", { type: "string" }).stringValue,
 *   privateKeyPem: new TerraformVariable(stack, "key", { type: "string", sensitive: true }).stringValue,
 * });
 */
export class Certificate extends Construct implements ICertificate {
  /**
   * Takes a certificate that exists already.
   *
   * @throws when the PEM texts do not parse, do not belong together or cannot serve HTTPS
   */
  public static fromPem(scope: Construct, id: string, props: CertificateFromPemProps): Certificate {
    return new Certificate(scope, id, props);
  }

  /**
   * Follows a certificate in a folder of the engine's machine that certbot, lego, Vault or your company's agent renews.
   *
   * A container of its own looks at the folder each second, tries what is new and gives it to the proxy, which reloads.
   * Certificate and key are in no state and no plan. See docs/certificates.md.
   *
   * @throws when the folder is no absolute path, or a file is not below it
   */
  public static fromFolder(scope: Construct, id: string, props: CertificateFromFolderProps): IServerCertificate {
    return FollowedCertificate.inFolder(scope, id, props);
  }

  /**
   * Follows a certificate in a volume, where another container renews it. See `fromFolder`.
   *
   * @throws when the volume's name is none, or a file is not below it
   */
  public static fromVolume(scope: Construct, id: string, props: CertificateFromVolumeProps): IServerCertificate {
    return FollowedCertificate.inVolume(scope, id, props);
  }

  public readonly certificateChainPem: string;
  public readonly privateKeyPem: string;
  public readonly expiresAt: string;
  public readonly subjectAlternativeNames?: string[];

  private constructor(scope: Construct, id: string, props: CertificateFromPemProps) {
    super(scope, id);
    this.certificateChainPem = props.certificateChainPem;
    this.privateKeyPem = Token.asString(Fn.sensitive(props.privateKeyPem));

    const key = Token.isUnresolved(props.privateKeyPem) ? undefined : parseKey(this, props.privateKeyPem);
    if (key !== undefined) {
      Annotations.of(this).addWarning(
        "privateKeyPem is a literal text: everybody who can read the synthesised configuration has the key. " +
          "Fix: give it as a sensitive TerraformVariable or as Fn.file(…).",
      );
    }
    if (Token.isUnresolved(props.certificateChainPem)) {
      this.expiresAt = this.checkedByThePlan(props.certificateChainPem);
      return;
    }
    const chain = parseChain(this, props.certificateChainPem);
    requireServerCertificate(this, chain[0]);
    requireOrder(this, chain);
    if (key !== undefined) {
      requireSameKey(this, chain[0], key);
    }
    this.expiresAt = rfc3339(chain[0].validTo);
    this.subjectAlternativeNames = namesOf(chain[0]);
    // The only look at a clock: it decides whether there is output, never what the output is.
    this.node.addValidation({ validate: () => outsideValidity(this, chain, Date.now()) });
  }

  private checkedByThePlan(chainPem: string): string {
    requireProvider(this, "tls");
    const certificate = new DataTlsCertificate(this, "Resource", {
      content: chainPem,
      lifecycle: {
        postcondition: [
          {
            condition: "${!self.certificates[0].is_ca}",
            errorMessage: `${this.node.path}: certificateChainPem starts with the certificate of a CA. Fix: put the server's own certificate first.`,
          },
          {
            condition: "${timecmp(plantimestamp(), self.certificates[0].not_after) < 0}",
            errorMessage: `${this.node.path}: certificateChainPem expired on $\{self.certificates[0].not_after}. Fix: give the renewed one.`,
          },
          {
            condition: "${timecmp(plantimestamp(), self.certificates[0].not_before) >= 0}",
            errorMessage: `${this.node.path}: certificateChainPem is not valid before $\{self.certificates[0].not_before}. Fix: deploy it then, or give one that is valid now.`,
          },
        ],
      },
    });
    return certificate.certificates.get(0).notAfter;
  }
}

/**
 * For a proxy or a registry that is about to serve a certificate: do its clients accept it under this host?
 *
 * @throws when the host is known and is in none of the certificate's names
 */
export function requireHostCovered(where: IConstruct | string, host: string, certificate: IServerCertificate): void {
  const names = certificate.subjectAlternativeNames;
  // One name that only the deploy knows may be the one that matters.
  if (names === undefined || Token.isUnresolved(host) || names.some((name) => Token.isUnresolved(name))) {
    return;
  }
  if (!coversHost(names, host)) {
    throw invalidInput({
      where,
      field: "certificate",
      got: names,
      expected: `subject alternative names with the public host "${host}"`,
      fix: `issue the certificate for "${host}" too, or let clients use one of its names`,
    });
  }
}

/** The certificate and key of what is no followed file; other packages have classes of their own for them. */
export function knownCertificate(certificate: IServerCertificate | undefined): ICertificate | undefined {
  return certificate && "certificateChainPem" in certificate ? (certificate as ICertificate) : undefined;
}
