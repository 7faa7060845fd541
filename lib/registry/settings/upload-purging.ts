import type { IConstruct } from "constructs";
import { requireWholeNumber } from "../../core/validation";
import type { RegistryBinding } from "../registry-part";

/** What becomes of uploads that were begun and never finished. */
export interface UploadPurging {
  /**
   * Whether they are removed.
   *
   * @default true
   */
  readonly enabled?: boolean;

  /**
   * Hours after which an upload counts as never finished.
   *
   * @default 168
   */
  readonly ageHours?: number;

  /**
   * Hours from one look to the next.
   *
   * @default 24
   */
  readonly intervalHours?: number;

  /**
   * Whether they are only named in the log.
   *
   * @default false
   */
  readonly dryRun?: boolean;
}

export function bindUploadPurging(where: IConstruct, purging: UploadPurging): RegistryBinding {
  const hours = { min: 1, max: 24 * 365, example: 168 };
  requireWholeNumber(where, "uploadPurging.ageHours", purging.ageHours, hours);
  requireWholeNumber(where, "uploadPurging.intervalHours", purging.intervalHours, { ...hours, example: 24 });
  return {
    config: {
      storage: {
        maintenance: {
          uploadpurging: {
            enabled: purging.enabled ?? true,
            age: `${purging.ageHours ?? 168}h`,
            interval: `${purging.intervalHours ?? 24}h`,
            dryrun: purging.dryRun ?? false,
          },
        },
      },
    },
  };
}
