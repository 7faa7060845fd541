import { CONFIG_FOLDER } from "../../docker/config-volume";
import type { RegistryBinding } from "../registry-part";

const TRUST_FOLDER = "trust";

/** Authorities that the registry trusts beside those of its image. */
export function bindTrust(caPem: string | undefined): RegistryBinding {
  return caPem === undefined
    ? { config: {} }
    : {
        config: {},
        files: [{ path: `${TRUST_FOLDER}/ca.crt`, content: caPem }],
        // Go reads every file of these folders.
        environment: [`SSL_CERT_DIR=/etc/ssl/certs:${CONFIG_FOLDER}/current/${TRUST_FOLDER}`],
      };
}
