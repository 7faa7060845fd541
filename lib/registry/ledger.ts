import type { ConfigFragment } from "./config-yml";

/** Where each task of a Swarm that has a registry serves what they all tell each other; see the script `ledger.sh`. */
export const LEDGER_PORT = 5010;

/** What its words are in. */
export const LEDGER_MEDIA_TYPE = "application/vnd.oci.image.index.v1+json";

/** The file of the registry that does so, beside config.yml. */
export const LEDGER_CONFIG = "ledger.yml";

/** Its folder, below the one of the images. */
const FOLDER = "maintenance";

/**
 * What it is: the registry itself, with the same bucket and another root. It remembers nothing, so that each answer is the
 * bucket's.
 *
 * @param config of the registry, merged
 */
export function ledgerConfig({ storage, http }: { readonly [key: string]: any }): ConfigFragment {
  const root = String(storage.s3.rootdirectory ?? "").replace(/\/+$/, "");
  return {
    log: { level: "error", accesslog: { disabled: true } },
    storage: {
      s3: { ...storage.s3, rootdirectory: `${root}/${FOLDER}` },
      delete: { enabled: true },
      redirect: { disable: true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr: `:${LEDGER_PORT}`, secret: http.secret },
    health: { storagedriver: { enabled: false } },
  };
}
