import type { IConstruct } from "constructs";
import { requireWholeNumber } from "../../core/validation";
import type { RegistryContainerProps } from "../registry-container-props";
import type { RegistryBinding } from "../registry-part";
import { requireVersion } from "../version";

/** How much one answer holds, and what may be pushed at all. */
export function bindLimits(where: IConstruct, props: RegistryContainerProps, majorVersion: number): RegistryBinding {
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
