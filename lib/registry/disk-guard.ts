import { join } from "node:path";
import type { IConstruct } from "constructs";
import { invalidInput } from "../core/errors";
import { renderScript } from "../core/script";
import { CONFIG_FOLDER, EXECUTABLES } from "../docker/config-volume";
import { DiskReserve } from "./disk-reserve";
import { MAINTENANCE_IPC } from "./maintenance-part";
import { DISK_FULL, DISK_LOW, STATUS_FOLDER, STATUS_METRICS } from "./status";

/** The script that the runner starts. */
export const WATCH_DISK = `${EXECUTABLES}/watch-disk`;

/** Processes that the runner is to replace or to kill, since they fill the disk. */
const TO_END = `${MAINTENANCE_IPC}/end`;

/** Where a registry's data lies on a disk that must not become full. */
export interface DiskGuard {
  readonly folder: string;
  readonly reserve: DiskReserve;
}

/** The guard of the registry's disk, where it has one that pushes fill. */
export function diskGuard(
  where: IConstruct,
  config: { readonly [key: string]: any },
  wanted: DiskReserve | undefined,
): DiskGuard | undefined {
  const folder = config.storage?.filesystem?.rootdirectory;
  const isGuarded = folder && !config.proxy;
  if (wanted && wanted.partInPercent > 0 && !isGuarded) {
    throw invalidInput({
      where,
      field: "diskReserve",
      got: config.proxy ? "one for a mirror" : "one for a storage that is not in a volume",
      expected: config.proxy
        ? "none, as pulls fill a mirror and there are no pushes to refuse"
        : "one for RegistryStorage.filesystem()",
      fix: config.proxy ? "leave it out; upstream.ttlHours says how long copies stay" : "leave it out",
    });
  }
  const reserve = wanted ?? DiskReserve._default();
  return isGuarded && reserve.partInPercent > 0 ? { folder, reserve } : undefined;
}

export function watchDiskScript({ folder, reserve }: DiskGuard): string {
  return `${renderScript(join(__dirname, "scripts"), "watch-disk.sh", {
    data: folder,
    status: STATUS_FOLDER,
    ipc: MAINTENANCE_IPC,
    mostKiB: reserve.mostKibibytes,
    percent: reserve.partInPercent,
    low: DISK_LOW,
    full: DISK_FULL,
    metrics: STATUS_METRICS.disk,
  })}\n`;
}

/**
 * For the config writer, which mounts the disk at another place: fails where the reserve is more than all of it.
 *
 * @param check what is tried besides
 * @param folder where the disk is
 */
export function withReserveCheck(check: string, { reserve }: DiskGuard, folder: string): string {
  if (reserve.partInPercent < 100) {
    return check;
  }
  const wanted = reserve.mostKibibytes / 1024;
  return `size=$(stat -f -c '%b %S' ${folder} | { read -r blocks bytes; echo $((blocks * bytes / 1048576)); })
if [ "$size" -le ${wanted} ]; then
  echo "diskReserve is ${wanted} MiB, and the whole disk with the registry's data has $size MiB. Fix: write less, as DiskReserve.percent(5)" >&2
  false
else
${check}
fi`;
}

/**
 * For the runner: keeps the script going, and ends the processes that it names. They are frozen by then. `replace_at_once`
 * has another process of the registry take the place of the one that takes requests.
 */
export const GUARD_DISK = `
watcher=
# Whoever asks for something also wakes the runner, which waits for a second otherwise.
trap : USR1
guard_disk() {
  if [ -z "$watcher" ] || ! kill -0 "$watcher" 2>/dev/null; then
    ${CONFIG_FOLDER}/current/${WATCH_DISK} $$ &
    watcher=$!
  fi
  [ -e ${TO_END} ] || return 0
  ended=$(cat ${TO_END})
  case " $ended " in *" $registry "*) replace_at_once ;; esac
  # shellcheck disable=SC2086 # several numbers
  kill -KILL $ended 2>/dev/null
  rm -f ${TO_END}
}`;
