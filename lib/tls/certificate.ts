import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { DataTlsCertificate } from "@cdktf/provider-tls/lib/data-tls-certificate";
import { Annotations, Fn, Token } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { invalidInput } from "../core/errors";
import { coversHost } from "./subject-alternative-names";

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** A server certificate with its private key, as a proxy or a registry serves it. */
export interface ICertificate extends IConstruct {
  /** The server's own certificate first, then the intermediate ones up to, but without, the root. */
  readonly certificateChainPem: string;

  /** The private key; sensitive, so that no plan prints it. The state holds it. */
  readonly privateKeyPem: string;

  /** When the server's certificate expires, as an RFC 3339 time in UTC. */
  readonly expiresAt: string;

  /** The names and addresses that clients may use; not set where only the deploy knows them. */
  readonly subjectAlternativeNames?: string[];
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
          "To mend it: give it as a sensitive TerraformVariable or as Fn.file(…).",
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
    const certificate = new DataTlsCertificate(this, "Resource", {
      content: chainPem,
      lifecycle: {
        postcondition: [
          {
            condition: "${!self.certificates[0].is_ca}",
            errorMessage: `${this.node.path}: certificateChainPem starts with the certificate of a CA. To mend it: put the server's own certificate first.`,
          },
          {
            condition: "${timecmp(plantimestamp(), self.certificates[0].not_after) < 0}",
            errorMessage: `${this.node.path}: certificateChainPem expired on $\{self.certificates[0].not_after}. To mend it: give the renewed one.`,
          },
          {
            condition: "${timecmp(plantimestamp(), self.certificates[0].not_before) >= 0}",
            errorMessage: `${this.node.path}: certificateChainPem is not valid before $\{self.certificates[0].not_before}. To mend it: deploy it then, or give one that is valid now.`,
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
export function requireHostCovered(where: IConstruct | string, host: string, certificate: ICertificate): void {
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

function parseChain(where: IConstruct, pem: string): X509Certificate[] {
  try {
    const chain = (pem.match(PEM_CERTIFICATE) ?? []).map((certificate) => new X509Certificate(certificate));
    if (chain.length > 0) {
      return chain;
    }
  } catch {
    // Broken base64 or DER is told like a missing certificate.
  }
  throw invalidInput({
    where,
    field: "certificateChainPem",
    got: beginning(pem),
    expected: "certificates in PEM, each between BEGIN CERTIFICATE and END CERTIFICATE",
    fix: "give the text of the file that your CA calls full chain, not its path and not DER",
  });
}

function parseKey(where: IConstruct, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    const isEncrypted = /ENCRYPTED/.test(pem);
    throw invalidInput({
      where,
      field: "privateKeyPem",
      got: isEncrypted ? "(an encrypted private key)" : "(no private key in PEM)",
      expected: "one private key in PEM without a passphrase",
      fix: isEncrypted
        ? "take the passphrase off with `openssl pkey -in server.key -out plain.key`"
        : "give the text of the key file, not its path",
    });
  }
}

function requireServerCertificate(where: IConstruct, certificate: X509Certificate): void {
  if (certificate.ca) {
    throw invalidInput({
      where,
      field: "certificateChainPem",
      got: `the certificate of a CA (${oneLine(certificate.subject)})`,
      expected: "the server's own certificate first",
      fix: "issue a server certificate with this CA and give that one; clients refuse a CA in its place",
    });
  }
  // Node's types still call the extended key usages `keyUsage`.
  const usages: string[] | undefined = certificate.keyUsage;
  if (usages !== undefined && !usages.includes(SERVER_AUTH)) {
    throw invalidInput({
      where,
      field: "certificateChainPem",
      got: `extended key usages ${usages.join(", ")}`,
      expected: `server authentication (${SERVER_AUTH}) among them`,
      fix: "ask your CA for a TLS server certificate",
    });
  }
  if (namesOf(certificate).length === 0) {
    throw invalidInput({
      where,
      field: "certificateChainPem",
      got: "a certificate without subject alternative names",
      expected: "each name that clients use among them",
      fix: "ask your CA for a certificate with subject alternative names: today's clients ignore the common name",
    });
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
  if (type === "rsa" && (details?.modulusLength ?? 0) < 2048) {
    throw invalidInput({
      where,
      field: "certificateChainPem",
      got: `an RSA key of ${details?.modulusLength} bits`,
      expected: "2048 bits or more, or an ECDSA key",
      fix: "make a new key and ask your CA for a certificate for it",
    });
  }
}

function requireOrder(where: IConstruct, chain: X509Certificate[]): void {
  for (const [i, certificate] of chain.slice(0, -1).entries()) {
    if (!certificate.checkIssued(chain[i + 1])) {
      throw invalidInput({
        where,
        field: "certificateChainPem",
        got: `certificate ${i + 2} (${oneLine(chain[i + 1].subject)})`,
        expected: `the issuer of certificate ${i + 1} (${oneLine(certificate.issuer)})`,
        fix: "put the server's certificate first and each issuer right after what it issued",
      });
    }
  }
}

function requireSameKey(where: IConstruct, certificate: X509Certificate, key: KeyObject): void {
  if (!certificate.checkPrivateKey(key)) {
    throw invalidInput({
      where,
      field: "privateKeyPem",
      got: `a private key of another certificate than ${oneLine(certificate.subject)}`,
      expected: "the private key that certificateChainPem was issued for",
      fix: "give the two files that belong together; the server's own certificate must come first",
    });
  }
}

function outsideValidity(where: IConstruct, chain: X509Certificate[], now: number): string[] {
  return chain.flatMap((certificate, i) => {
    const subject = chain.length === 1 ? "" : ` (certificate ${i + 1}, ${oneLine(certificate.subject)})`;
    const invalid = (got: string, expected: string, fix: string) => [
      invalidInput({ where, field: "certificateChainPem", got: `${got}${subject}`, expected, fix }).message,
    ];
    if (now >= Date.parse(certificate.validTo)) {
      return invalid(`expired on ${rfc3339(certificate.validTo)}`, "a certificate that is valid now", "renew it");
    }
    if (now < Date.parse(certificate.validFrom)) {
      return invalid(
        `not valid before ${rfc3339(certificate.validFrom)}`,
        "a certificate that is valid now",
        "deploy it then, give one that is valid now, or set this machine's clock",
      );
    }
    return [];
  });
}

/** Node prints `DNS:a.example, IP Address:192.0.2.1`; other kinds of names are not for servers. */
function namesOf(certificate: X509Certificate): string[] {
  return (certificate.subjectAltName ?? "")
    .split(", ")
    .map((name) => /^(?:DNS|IP Address):([^"]+)$/.exec(name)?.[1])
    .filter((name) => name !== undefined);
}

function rfc3339(time: string): string {
  return new Date(time).toISOString().replace(".000Z", "Z");
}

/** Node separates the parts of a name by line ends. */
function oneLine(name: string): string {
  return name ? name.split("\n").join(", ") : "no subject";
}

/** Enough to see what it is; never a key that was given by mistake. */
function beginning(text: string): string {
  if (/PRIVATE KEY/.test(text)) {
    return "(a private key)";
  }
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
