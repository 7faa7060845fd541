import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { IConstruct } from "constructs";
import { invalidInput } from "../core/errors";

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

export function parseChain(where: IConstruct, pem: string): X509Certificate[] {
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

export function parseKey(where: IConstruct, pem: string): KeyObject {
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

export function requireServerCertificate(where: IConstruct, certificate: X509Certificate): void {
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

export function requireOrder(where: IConstruct, chain: X509Certificate[]): void {
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

export function requireSameKey(where: IConstruct, certificate: X509Certificate, key: KeyObject): void {
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

export function outsideValidity(where: IConstruct, chain: X509Certificate[], now: number): string[] {
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
export function namesOf(certificate: X509Certificate): string[] {
  return (certificate.subjectAltName ?? "")
    .split(", ")
    .map((name) => /^(?:DNS|IP Address):([^"]+)$/.exec(name)?.[1])
    .filter((name) => name !== undefined);
}

export function rfc3339(time: string): string {
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
