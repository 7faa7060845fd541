import { join } from "node:path";
import { renderScript } from "../core/script";
import { LEDGER_MEDIA_TYPE, LEDGER_PORT } from "../registry/ledger";

/** Everything that the script for a volume depends on. */
export interface MaintenanceScript extends BucketMaintenanceScript {
  /** The registry's data, with `docker/registry/v2` below it. */
  readonly data: string;
  /** Where its own files are: what it works with, and the trash, which has to be on the volume of the data. */
  readonly home: string;
  /** The status volume. */
  readonly status: string;
  /** Where the script and the registry's runner talk to each other; empty after each start of the container. */
  readonly ipc: string;
  readonly undoDays: number;
  /** After so long a window ends, and what was moved comes back. */
  readonly windowSeconds: number;
  /** How long writes wait for the registry to become read-only. */
  readonly drainSeconds: number;
  /** How long a request may take to come through the proxy, and a push to write one thing after another. */
  readonly pauseSeconds: number;
  /** The schedule: a run each so many seconds, so many after their begin. */
  readonly period: number;
  readonly offset: number;
  /** Age from which untagged manifests go; -1: they stay. */
  readonly untaggedSeconds: number;
  /** Rules for tags, a line each. */
  readonly retentionRules: string;
  /** Tags that stay whatever these rules say, a line each rule. */
  readonly immutableTags: string;
}

/** The script that runs in the registry's container: plain sh for the shells of Debian and busybox. */
export function renderMaintenanceScript(script: MaintenanceScript): string {
  return render("maintain.sh", { ...script });
}

/** What the script for a bucket depends on: it has no trash, and nothing to look at files with. */
export interface BucketMaintenanceScript {
  readonly status: string;
  readonly ipc: string;
  readonly graceMinutes: number;
  readonly windowSeconds: number;
  readonly drainSeconds: number;
  readonly pauseSeconds: number;
  readonly period: number;
  readonly offset: number;
}

/** The same for a registry whose data are in a bucket of S3: its own command, at a time at which nobody writes. */
export function renderBucketMaintenanceScript(script: BucketMaintenanceScript): string {
  return render("maintain-bucket.sh", {
    ...script,
    where: "the registry",
    registries: render("own-registry.sh", { ...script }),
  });
}

/** What the scripts of several registries that share a bucket depend on. */
export interface ReplicasMaintenanceScript extends BucketMaintenanceScript {
  /** How many registries there should be. */
  readonly replicas: number;
  /** Name of the service that collects. */
  readonly collector: string;
}

/** The same in a task of its own, for registries in other tasks. */
export function renderCollectorScript(script: ReplicasMaintenanceScript): string {
  const values = { ...script, ...LEDGER };
  return render("maintain-bucket.sh", {
    ...values,
    where: "its own service",
    registries: render("replicas.sh", values),
  });
}

/** The script of each of these registries, by which it follows what the collector says. */
export function renderReplicaScript(script: ReplicasMaintenanceScript): string {
  return render("maintain-replica.sh", { ...script, ...LEDGER });
}

/** Seconds after which nothing is left at work of a collector that has fallen silent; it gives up after half of them. */
const LEDGER = { ledgerPort: LEDGER_PORT, mediaType: LEDGER_MEDIA_TYPE, windowTtl: 30 };

function render(file: string, values: { readonly [name: string]: string | number }): string {
  return renderScript(join(__dirname, "scripts"), file, values);
}
