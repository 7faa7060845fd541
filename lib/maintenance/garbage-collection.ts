import type { Construct } from "constructs";
import { requireWholeNumber } from "../core/validation";
import { type IRegistryMaintenance, MAINTAIN, MAINTENANCE_IPC } from "../registry/maintenance-part";
import type { RegistryBinding, RegistryContext } from "../registry/registry-part";
import { ROOT_DIRECTORY } from "../registry/registry-storage";
import { STATUS_FOLDER } from "../registry/status";
import { renderMaintenanceScript } from "./maintenance-script";
import type { Retention } from "./retention";
import { Schedule } from "./schedule";

/** What the script runs, beside what every reader of a configuration needs. */
const COMMANDS = ["awk", "basename", "date", "dirname", "du", "head", "rm", "sed", "sync", "tail", "tr", "wc", "xargs"];

// Uploads that have not ended by then are waited for with the gate open again: nginx holds a request for a minute.
const DRAIN_SECONDS = 45;

/** How data that no image needs is deleted. */
export interface GarbageCollectionProps {
  /**
   * When it is looked for.
   *
   * @default Schedule.daily("03:30")
   */
  readonly schedule?: Schedule;

  /**
   * Minutes for which data stays that no image needs: a push brings its layers before its manifest.
   *
   * @default 1440 - a day
   */
  readonly graceMinutes?: number;

  /**
   * Days for which a collection can be undone; the disk space comes back after them.
   *
   * @default 7
   */
  readonly undoDays?: number;

  /**
   * The most minutes for which the registry may be read-only in one run; after them everything is brought back.
   *
   * @default 10
   */
  readonly windowMinutes?: number;

  /**
   * Which images go before it is looked for what no image needs.
   *
   * @default - none: only what clients have deleted, and what pushes have left that came to no end
   */
  readonly retention?: Retention;
}

/**
 * Deletes blobs that no image needs, without ever losing one: for a registry whose storage is a volume.
 *
 * It looks at the storage while everybody works on. Where there is something to collect the registry becomes read-only for
 * the few seconds in which it is moved into a trash: the proxy holds writes, pulls go on. Nothing is moved while a file of
 * the storage is damaged or missing. `docker exec <registry> /config/current/bin/maintain` tells the commands for it.
 */
export class GarbageCollection implements IRegistryMaintenance {
  /**
   * @throws when a number is negative or too large
   */
  public static of(props: GarbageCollectionProps = {}): GarbageCollection {
    return new GarbageCollection(props);
  }

  private constructor(private readonly props: GarbageCollectionProps) {
    const where = "GarbageCollection";
    const days = { min: 0, max: 3650, example: 7 };
    requireWholeNumber(where, "graceMinutes", props.graceMinutes, { min: 0, max: 525_600, example: 1440 });
    requireWholeNumber(where, "undoDays", props.undoDays, days);
    requireWholeNumber(where, "windowMinutes", props.windowMinutes, { min: 1, max: 1440, example: 10 });
  }

  public bindToRegistry(_scope: Construct, _context: RegistryContext): RegistryBinding {
    const { schedule = Schedule.daily("03:30"), retention } = this.props;
    const script = renderMaintenanceScript({
      data: ROOT_DIRECTORY,
      home: `${ROOT_DIRECTORY}/maintenance`,
      status: STATUS_FOLDER,
      ipc: MAINTENANCE_IPC,
      graceMinutes: this.props.graceMinutes ?? 1440,
      undoDays: this.props.undoDays ?? 7,
      windowSeconds: (this.props.windowMinutes ?? 10) * 60,
      drainSeconds: DRAIN_SECONDS,
      pauseSeconds: 0.5,
      period: schedule.periodSeconds,
      offset: schedule.offsetSeconds,
      untaggedSeconds: retention?.untaggedSeconds ?? -1,
      retentionRules: retention?.rules ?? "",
    });
    return { config: {}, files: [{ path: MAINTAIN, content: script }], requiredCommands: COMMANDS };
  }
}
