import { join } from "node:path";
import { renderScript } from "../core/script";
import { CONFIG_FOLDER } from "../docker/config-volume";
import { SERVICE_UID } from "../docker/service-container";
import { renderMaintenanceScript } from "../maintenance/maintenance-script";
import type { Schedule } from "../maintenance/schedule";
import type { BackupTargetBinding } from "./target-binding";

/** The registry's volume, which nobody writes to from here. */
export const DATA_FOLDER = "/data";

/** What the script works with: restic's cache, links that are being saved, the results of runs. */
export const WORK_FOLDER = "/backup";

/** Where what it tells Prometheus is copied to, if somebody wants to see it; a volume is mounted there. */
export const FIGURES_FOLDER = "/figures";

/** The file in it. */
export const FIGURES_FILE = "backup.prom";

/** An empty volume is mounted here to be filled from a backup. */
export const RESTORE_FOLDER = "/restore";

/** The file with the repository's password. */
export const PASSWORD_FILE = "backup-password";

const CONFIG = `${CONFIG_FOLDER}/current`;

/** What the scripts run. */
export const BACKUP_COMMANDS =
  "restic awk basename chown cmp date du dirname find grep head mktemp sed sha256sum sort tail tar tee timeout tr wc xargs".split(
    " ",
  );

/** Everything that the script depends on. */
export interface BackupScript {
  /** Whose backups these are, in a repository that may hold those of others. */
  readonly name: string;
  readonly target: BackupTargetBinding;
  readonly schedule: Schedule;
  readonly checkSchedule: Schedule;
  /** How much of the repository a check reads. */
  readonly checkedPercent: number;
  /** Options of `restic forget`. */
  readonly keep: string[];
}

/** The script that takes, checks and restores backups: plain sh for the shells of Debian and busybox. */
export function renderBackupScript(script: BackupScript): string {
  const { repository, options = [], environment = {}, secretEnvironment = {} } = script.target;
  const exports = [
    ...Object.entries(environment).map(([name, value]) => `export ${name}=${quoted(value)}`),
    // Read here, so that no environment shows it but that of the processes themselves.
    ...Object.entries(secretEnvironment).map(([name, file]) => `${name}=$(cat "$config/${file}")\nexport ${name}`),
  ];
  return renderScript(join(__dirname, "scripts"), "backup.sh", {
    name: script.name,
    data: DATA_FOLDER,
    home: WORK_FOLDER,
    figures: FIGURES_FOLDER,
    config: CONFIG,
    restore: RESTORE_FOLDER,
    owner: SERVICE_UID,
    repository,
    options: options.map(quoted).join(" "),
    exports: exports.join("\n"),
    keep: script.keep.join(" "),
    period: script.schedule.periodSeconds,
    offset: script.schedule.offsetSeconds,
    checkPeriod: script.checkSchedule.periodSeconds,
    checkOffset: script.checkSchedule.offsetSeconds,
    checkedPercent: script.checkedPercent,
  });
}

/** The check of the registry's maintenance, for a volume that is mounted here. */
export function renderVolumeCheck(data: string, home: string): string {
  return renderMaintenanceScript({
    data,
    home,
    status: "/tmp",
    ipc: "/tmp",
    graceMinutes: 0,
    undoDays: 0,
    windowSeconds: 0,
    drainSeconds: 0,
    // A collection that moves blobs at a first look is over at the second.
    pauseSeconds: data === DATA_FOLDER ? 5 : 0,
    period: 1,
    offset: 0,
    untaggedSeconds: -1,
    retentionRules: "",
    immutableTags: "",
  });
}

/** The container's first process. */
export const BACKUP_RUNNER = `stopping=
# All that runs here: restic gives its locks back.
trap 'stopping=1; kill -TERM -1 2>/dev/null' TERM INT QUIT
while [ -z "$stopping" ]; do
  ${CONFIG}/bin/backup schedule &
  wait $!
done
while grep -qsx restic /proc/[0-9]*/comm; do sleep 0.2; done
`;

/** Healthy: the repository was opened, and what ran last did not fail. */
export const BACKUP_HEALTH = `test -e /tmp/opened && for mark in /tmp/failed-*; do test ! -e "$mark" || exit 1; done`;

function quoted(word: string): string {
  return `'${word.replace(/'/g, `'\\''`)}'`;
}
