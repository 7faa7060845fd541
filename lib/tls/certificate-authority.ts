import type { IConstruct } from "constructs";

/** An authority that server certificates can be issued by. */
export interface ICertificateAuthority extends IConstruct {
  /** The authority's certificate in PEM, for clients. */
  readonly certificatePem: string;

  /** The authority's private key in PEM; sensitive, so that no plan prints it. */
  readonly privateKeyPem: string;

  /** How long the authority's certificate is valid, in days; nothing that it issues may be valid for longer. */
  readonly validityDays: number;
}
