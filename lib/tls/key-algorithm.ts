import { requireWholeNumber } from "../core/validation";

/** The curve of an ECDSA key. */
export enum EcdsaCurve {
  P256 = "P256",
  P384 = "P384",
}

/**
 * Kind and size of a private key.
 *
 * @see https://registry.terraform.io/providers/hashicorp/tls/latest/docs/resources/private_key
 *
 * @example
 * import { EcdsaCurve, KeyAlgorithm, SelfSignedCA } from "cdktf-docker-registry";
 *
 * new SelfSignedCA(stack, "CA", { keyAlgorithm: KeyAlgorithm.ecdsa(EcdsaCurve.P384) });
 */
export class KeyAlgorithm {
  /**
   * An elliptic curve key: small certificates and, on the server, the cheapest handshakes.
   *
   * @param curve the default is P-256, which every client knows
   */
  public static ecdsa(curve: EcdsaCurve = EcdsaCurve.P256): KeyAlgorithm {
    return new KeyAlgorithm("ECDSA", curve, undefined);
  }

  /**
   * An RSA key, for clients that know nothing else.
   *
   * @param bits size of the key, 2048 by default; less is refused, as browsers do
   * @throws when `bits` is below 2048 or above 8192
   */
  public static rsa(bits: number = 2048): KeyAlgorithm {
    requireWholeNumber("KeyAlgorithm.rsa", "bits", bits, { min: 2048, max: 8192, example: 2048 });
    return new KeyAlgorithm("RSA", undefined, bits);
  }

  private constructor(
    /** `ECDSA` or `RSA`, as the tls provider names it. */
    public readonly algorithm: string,
    /** The curve, for ECDSA. */
    public readonly ecdsaCurve?: EcdsaCurve,
    /** Size of the key in bits, for RSA. */
    public readonly rsaBits?: number,
  ) {}
}
