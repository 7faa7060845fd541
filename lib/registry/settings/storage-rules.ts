import { stopGraceSeconds } from "../../docker/service-container";
import type { RegistryContainerProps } from "../registry-container-props";
import type { RegistryBinding } from "../registry-part";

/** What may be done to the storage, whatever it is: deletes, pushes, and how long those in flight may take at the end. */
export function bindStorageRules(props: RegistryContainerProps): RegistryBinding {
  return {
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
  };
}
