import type { IConstruct } from "constructs";

/** Where a certificate and its key lie that somebody else renews, such as certbot, lego, Vault or a company's agent. */
export interface CertificateFiles {
  /**
   * A folder of the engine's machine, as an absolute path.
   *
   * @default - a volume
   */
  readonly folder?: string;

  /**
   * Name of a volume of the engine.
   *
   * @default - a folder
   */
  readonly volumeName?: string;

  /** The server's own certificate first, then its intermediates; relative to the folder or the volume. */
  readonly certificateFile: string;

  /** The private key, without a passphrase; relative to the folder or the volume. */
  readonly keyFile: string;
}

/** What a proxy serves TLS with: an `ICertificate`, or files that it follows. */
export interface IServerCertificate extends IConstruct {
  /** The names and addresses that clients may use; not set where only the deploy knows them, or the files. */
  readonly subjectAlternativeNames?: string[];

  /** The files, where Terraform knows neither certificate nor key; not set for an `ICertificate`. */
  readonly followedFiles?: CertificateFiles;
}
