import type { IConstruct } from "constructs";

/**
 * An authority whose key Terraform knows, so that server certificates can be issued by it.
 * For one that keeps its key to itself, such as Vault's, implement `ICertificate`.
 */
export interface ICertificateAuthority extends IConstruct {
  /** The authority's certificate in PEM, for clients. */
  readonly certificatePem: string;

  /** The authority's private key in PEM; sensitive, so that no plan prints it. */
  readonly privateKeyPem: string;

  /** How long the authority's certificate is valid, in days; nothing that it issues may be valid for longer. */
  readonly validityDays: number;
}
