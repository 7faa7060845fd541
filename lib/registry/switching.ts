import { CONFIG_FOLDER } from "../docker/config-volume";
import { MAINTAIN, MAINTENANCE_IPC } from "./maintenance-part";
import { CACHE_NOT_FORGOTTEN, STATUS_FOLDER, WINDOW } from "./status";

/** By the shell: the files of a task of Swarm are where nothing can be executed. */
const SCRIPT = `sh ${CONFIG_FOLDER}/current/${MAINTAIN}`;
const GATE = `${STATUS_FOLDER}/${WINDOW}`;

/** Which of its files the registry runs with, for the commands that start one. */
export const CHOSEN_CONFIG = `${CONFIG_FOLDER}/current/"$file"`;

/**
 * For the runner of a registry with maintenance: lets its process run with another file than config.yml while that is
 * asked for, and no longer than whoever asks is there. Then nothing is left half done, or the next start mends it.
 *
 * @param isBusy shell command that tells whether the old process is at something that must not be cut
 * @param isReplicated whether others may collect in its storage; then whoever asks goes on asking for as long as it runs
 */
export function maintenanceSwitch(isBusy: string, isReplicated = false): string {
  return `
file=config.yml
leaving=
echo $$ >${MAINTENANCE_IPC}/runner.pid
# Whoever asks for something also wakes the runner, which waits for a second otherwise.
trap : USR1

is_busy() {
  ${isBusy}
}
# With a cache that may remember what is gone a push would be told that its blobs are there.
choose() {
  wanted=config.yml
  [ ! -e ${STATUS_FOLDER}/${CACHE_NOT_FORGOTTEN} ] || wanted=uncached.yml
}
switch() {
  echo switching >${MAINTENANCE_IPC}/serving
  earlier=$file
  file=$wanted
  before=
  if take_over; then
    # No transfer is cut for it: whoever waits for the end may give up, and the old process goes on for as long as it needs.
    [ -z "$before" ] || kill -TERM "$before" 2>/dev/null
    leaving="$leaving $before"
  else
    file=$earlier
    echo "maintenance: the registry does not start with $wanted" >&2
  fi
}
tell() {
  still=
  for process in $leaving; do
    if kill -0 "$process" 2>/dev/null; then still="$still $process"; fi
  done
  leaving=$still
  echo "$registry" >${MAINTENANCE_IPC}/registry.pid
  # Read-only is what nobody writes to any more: the process of before has ended too.
  [ "$file" != read-only.yml ] || [ -z "$leaving$stopping" ] || return 1
  echo "$file" >${MAINTENANCE_IPC}/serving
}
follow_maintenance() {
${
  isReplicated
    ? `  ${KEEPS_TOLD}
`
    : ""
}  choose
  keeper=
  if [ -e ${GATE} ] || [ -e ${MAINTENANCE_IPC}/wish ]; then
    keeper=$(cat ${MAINTENANCE_IPC}/maintaining/pid 2>/dev/null)
    if [ -n "$keeper" ] && kill -0 "$keeper" 2>/dev/null; then
      [ ! -e ${MAINTENANCE_IPC}/wish ] || wanted=read-only.yml
    else
${isReplicated ? "      wanted=read-only.yml" : TAKE_BACK}
    fi
  fi
  if [ "$wanted" != "$file" ] && { [ "$wanted" != read-only.yml ] || ! is_busy; }; then
    switch
  fi
  tries=0
  until tell || [ -n "$stopping" ] || [ $tries -ge 40 ]; do
    tries=$((tries + 1))
    sleep 0.05
  done
  [ -n "$keeper" ] || [ "$file" = read-only.yml ] || rm -f ${GATE}
  kill -0 "$registry" 2>/dev/null
}`;
}

/** Whoever asked for it is gone. */
const TAKE_BACK = `      ${SCRIPT} recover
      rm -f ${MAINTENANCE_IPC}/wish
      keeper=
      choose`;

/**
 * Before the registry starts: whatever was cut short is finished or taken back.
 *
 * @param isReplicated whether it is asked for permission, too
 */
export const recovery = (isReplicated = false): string => `rm -f ${MAINTENANCE_IPC}/wish ${MAINTENANCE_IPC}/serving
rm -rf ${MAINTENANCE_IPC}/maintaining
${SCRIPT} recover${isReplicated ? " || exit 1" : ""}
choose
# Others may be collecting at this moment.
[ ! -e ${MAINTENANCE_IPC}/wish ] || wanted=read-only.yml
file=$wanted`;

/** After it has started. */
export const scheduling = (isReplicated = false): string =>
  `${SCRIPT} schedule &${isReplicated ? "\nscheduler=$!" : ""}`;

/** Without the process that tells others what it does, a replica must not go on. */
const KEEPS_TOLD = `kill -0 "$scheduler" 2>/dev/null || {
    kill -KILL "$registry"
    return 1
  }`;

/** When it has ended: nobody waits for it any more. */
export const LEAVE = `kill "$scheduler" 2>/dev/null
${SCRIPT} leave`;
