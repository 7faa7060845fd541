import type { IConstruct } from "constructs";
import type { RegistryContainerProps } from "../registry-container-props";
import type { RegistryBinding } from "../registry-part";
import { bindHealth } from "./health";
import { bindHttp } from "./http";
import { bindLimits } from "./limits";
import { bindLog } from "./log";
import { bindManifestValidation } from "./manifest-validation";
import { bindNotifications } from "./notifications";
import { bindStorageRules } from "./storage-rules";
import { bindTracing } from "./tracing";
import { bindTrust } from "./trust";
import { bindUploadPurging } from "./upload-purging";

/** What the props of a registry say of its config.yml, apart from listener, storage, users and cache. */
export function bindSettings(
  where: IConstruct,
  props: RegistryContainerProps,
  majorVersion: number,
): RegistryBinding[] {
  return [
    bindLog(where, props.log ?? {}, majorVersion),
    bindHttp(where, props),
    bindStorageRules(props),
    bindUploadPurging(where, props.uploadPurging ?? {}),
    bindHealth(where, props.health ?? {}),
    bindManifestValidation(where, props.manifestValidation ?? {}, majorVersion),
    bindLimits(where, props, majorVersion),
    bindNotifications(where, props.notifications ?? [], props.notifyReferences),
    bindTracing(where, props.tracing, majorVersion),
    bindTrust(props.trustedCaPem),
  ];
}
