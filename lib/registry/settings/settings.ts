import type { IConstruct } from "constructs";
import { requireWholeNumber } from "../../core/validation";
import { CONFIG_FOLDER } from "../../docker/config-volume";
import { stopGraceSeconds } from "../../docker/service-container";
import type { RegistryContainerProps } from "../registry-container-props";
import type { RegistryBinding } from "../registry-part";
import { requireVersion } from "../version";
import { bindHealth } from "./health";
import { bindHttp } from "./http";
import { bindLog } from "./log";
import { bindManifestValidation } from "./manifest-validation";
import { bindNotifications } from "./notifications";
import { bindTracing } from "./tracing";
import { bindUploadPurging } from "./upload-purging";

const TRUST_FOLDER = "trust";

/** What the props of a registry say of its config.yml, apart from listener, storage, users and cache. */
export function bindSettings(
  where: IConstruct,
  props: RegistryContainerProps,
  majorVersion: number,
): RegistryBinding[] {
  return [
    bindLog(where, props.log ?? {}, majorVersion),
    bindHttp(where, props),
    {
      config: {
        http: { draintimeout: `${stopGraceSeconds(props)}s` },
        storage: {
          delete: { enabled: props.deleteEnabled ?? false },
          cache: { blobdescriptor: "inmemory" },
          ...(props.readOnly ? { maintenance: { readonly: { enabled: true } } } : {}),
        },
      },
      // Of no use to the registry, but another container: whoever collects garbage next may do so when the deploy has
      // ended, as the last upload has then.
      environment: props.readOnly ? ["READ_ONLY=true"] : [],
    },
    bindUploadPurging(where, props.uploadPurging ?? {}),
    bindHealth(where, props.health ?? {}),
    bindManifestValidation(where, props.manifestValidation ?? {}, majorVersion),
    bindLimits(where, props, majorVersion),
    bindNotifications(where, props.notifications ?? [], props.notifyReferences),
    bindTracing(where, props.tracing, majorVersion),
    bindTrust(props.trustedCaPem),
  ];
}

function bindLimits(where: IConstruct, props: RegistryContainerProps, majorVersion: number): RegistryBinding {
  const { catalogLimit, tagListLimit, tagLookupConcurrency, schema1Enabled, repositoryClasses } = props;
  requireVersion(where, majorVersion, 3, { tagListLimit, tagLookupConcurrency });
  requireVersion(where, majorVersion, 2, { schema1Enabled });
  requireWholeNumber(where, "catalogLimit", catalogLimit, { min: 1, max: 1_000_000, example: 1000 });
  requireWholeNumber(where, "tagListLimit", tagListLimit, { min: 1, max: 1_000_000, example: 1000 });
  requireWholeNumber(where, "tagLookupConcurrency", tagLookupConcurrency, { min: 1, max: 1024, example: 8 });
  return {
    config: {
      ...(catalogLimit ? { catalog: { maxentries: catalogLimit } } : {}),
      ...(tagListLimit ? { tags: { maxtags: tagListLimit } } : {}),
      ...(tagLookupConcurrency ? { storage: { tag: { concurrencylimit: tagLookupConcurrency } } } : {}),
      ...(schema1Enabled ? { compatibility: { schema1: { enabled: true } } } : {}),
      ...(repositoryClasses ? { policy: { repository: { classes: repositoryClasses } } } : {}),
    },
  };
}

function bindTrust(caPem: string | undefined): RegistryBinding {
  return caPem === undefined
    ? { config: {} }
    : {
        config: {},
        files: [{ path: `${TRUST_FOLDER}/ca.crt`, content: caPem }],
        // Go reads every file of these folders.
        environment: [`SSL_CERT_DIR=/etc/ssl/certs:${CONFIG_FOLDER}/current/${TRUST_FOLDER}`],
      };
}
