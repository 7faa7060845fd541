import type { Construct } from "constructs";
import { invalidInput } from "../core/errors";
import { requireWholeNumber } from "../core/validation";
import type { ConfigFile } from "../docker/config-volume";
import {
  COLLECT,
  collectorOf,
  type IRegistryMaintenance,
  MAINTAIN,
  MAINTENANCE_IPC,
} from "../registry/maintenance-part";
import type { RegistryBinding, RegistryContext } from "../registry/registry-part";
import { ROOT_DIRECTORY } from "../registry/registry-storage";
import { STATUS_FOLDER } from "../registry/status";
import { immutableRules } from "./immutable-rules";
import {
  type BucketMaintenanceScript,
  renderBucketMaintenanceScript,
  renderCollectorScript,
  renderMaintenanceScript,
  renderReplicaScript,
} from "./maintenance-script";
import type { Retention } from "./retention";
import { Schedule } from "./schedule";

/** What the script runs, beside what every reader of a configuration needs. */
const COMMANDS = ["awk", "basename", "date", "dirname", "du", "head", "rm", "sed", "sync", "tail", "tr", "wc", "xargs"];
const COMMANDS_FOR_BUCKETS = [
  "awk",
  "basename",
  "cp",
  "date",
  "dirname",
  "grep",
  "head",
  "rm",
  "sed",
  "timeout",
  "tr",
  "wc",
];

/** For the words by which several registries agree. */
const COMMANDS_FOR_REPLICAS = ["cut", "hostname", "nc", "sha256sum", "sort", "wc"];

// Uploads that have not ended by then are waited for with the gate open again: nginx holds a request for a minute.
const DRAIN_SECONDS = 45;

/** Alone with its bucket a registry collects by itself; of several, each only follows what their collector says. */
function scriptsForBuckets(script: BucketMaintenanceScript, { replicas, hostName }: RegistryContext): ConfigFile[] {
  if (replicas === undefined) {
    return [{ path: MAINTAIN, content: renderBucketMaintenanceScript(script) }];
  }
  const ofReplicas = { ...script, replicas, collector: collectorOf(hostName) };
  return [
    { path: MAINTAIN, content: renderReplicaScript(ofReplicas) },
    { path: COLLECT, content: renderCollectorScript(ofReplicas) },
  ];
}

/** How data that no image needs is deleted. */
export interface GarbageCollectionProps {
  /**
   * When it is looked for.
   *
   * @default Schedule.daily("03:30")
   */
  readonly schedule?: Schedule;

  /**
   * Minutes for which data stays that no image needs: a push brings its layers before its manifest. With S3, minutes
   * before a collection in which nothing of the kind may have come.
   *
   * @default 1440 - a day; 5 with S3
   */
  readonly graceMinutes?: number;

  /**
   * Days for which a collection can be undone; the disk space comes back after them. Not with S3.
   *
   * @default 7
   */
  readonly undoDays?: number;

  /**
   * The most minutes for which the registry may be read-only in one run; after them everything is brought back. With S3 the
   * collection ends there, and the next one goes on.
   *
   * @default 10
   */
  readonly windowMinutes?: number;

  /**
   * Which images go before it is looked for what no image needs. Not with S3.
   *
   * @default - none: only what clients have deleted, and what pushes have left that came to no end
   */
  readonly retention?: Retention;
}

/**
 * Deletes blobs that no image needs, without ever losing one.
 *
 * With a storage in a volume it looks at the storage while everybody works on. Where there is something to collect the
 * registry becomes read-only for the few seconds in which it is moved into a trash: the proxy holds writes, pulls go on.
 * Nothing is moved while a file of the storage is damaged or missing.
 *
 * With a storage in S3 the registry's own `garbage-collect` runs in that window, without `--delete-untagged`; the window
 * lasts as long as the bucket takes to be listed, and nothing can be brought back but from the bucket's versions.
 *
 * `docker exec <registry> /config/current/bin/maintain` tells the commands for it.
 *
 * @example
 * import { GarbageCollection, RegistryContainer, Schedule, Weekday } from "cdktf-docker-registry";
 *
 * const maintenance = GarbageCollection.of({ schedule: Schedule.weekly(Weekday.SUNDAY, "03:30") });
 * const registry = new RegistryContainer(stack, "Registry", { deleteEnabled: true, maintenance });
 */
export class GarbageCollection implements IRegistryMaintenance {
  /**
   * By a schedule, with limits of its own.
   *
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

  public bindToRegistry(scope: Construct, context: RegistryContext): RegistryBinding {
    const { schedule = Schedule.daily("03:30"), retention } = this.props;
    const common = {
      status: STATUS_FOLDER,
      ipc: MAINTENANCE_IPC,
      windowSeconds: (this.props.windowMinutes ?? 10) * 60,
      drainSeconds: DRAIN_SECONDS,
      pauseSeconds: 0.5,
      period: schedule.periodSeconds,
      offset: schedule.offsetSeconds,
    };
    if (context.hasBucket) {
      this.requireNothingOfVolumes(scope);
      const script = { ...common, graceMinutes: this.props.graceMinutes ?? 5 };
      // Its requests are counted: nothing else tells what a registry is at that has no files.
      const config = { http: { debug: { prometheus: { enabled: true } } } };
      const requiredCommands = [...COMMANDS_FOR_BUCKETS, ...(context.replicas ? COMMANDS_FOR_REPLICAS : [])];
      return { config, files: scriptsForBuckets(script, context), requiredCommands };
    }
    const script = renderMaintenanceScript({
      ...common,
      data: ROOT_DIRECTORY,
      home: `${ROOT_DIRECTORY}/maintenance`,
      graceMinutes: this.props.graceMinutes ?? 1440,
      undoDays: this.props.undoDays ?? 7,
      untaggedSeconds: retention?.untaggedSeconds ?? -1,
      retentionRules: retention?.rules ?? "",
      immutableTags: immutableRules(context.immutableTags ?? []),
    });
    return { config: {}, files: [{ path: MAINTAIN, content: script }], requiredCommands: COMMANDS };
  }

  /** A bucket's files have no times that could be trusted, and nothing can be moved in it. */
  private requireNothingOfVolumes(scope: Construct): void {
    for (const field of ["undoDays", "retention"] as const) {
      if (this.props[field] !== undefined) {
        throw invalidInput({
          where: scope,
          field: `maintenance.${field}`,
          got: field === "retention" ? "rules" : this.props[field],
          expected: "nothing for a storage in S3: its collection keeps every manifest, and cannot be undone",
          fix: "leave it out, turn the bucket's versioning on, and delete tags by a client",
        });
      }
    }
  }
}
