import { FOLLOW_CONFIG, HTTP_CLIENT, httpGet, NOTE_CONFIG, readerHealthCommand } from "../docker/config-follower";
import { CONFIG_FOLDER } from "../docker/config-volume";
import { DEBUG_PORT, LOCAL_DEBUG_ADDRESS } from "./debug-server";
import { GUARD_DISK } from "./disk-guard";
import { SHOW_DISK_LOW } from "./status";
import { CHOSEN_CONFIG, LEAVE, maintenanceSwitch, recovery, scheduling } from "./switching";
import { isTransferring } from "./transfers";

const CONF = `${CONFIG_FOLDER}/current/config.yml`;

/** What an image for the registry must have. */
export const REGISTRY_COMMANDS = ["registry", HTTP_CLIENT];

// How long a new process may take to be there.
const START_SECONDS = 60;

/** Where the debug server of the registry that serves is, where two can be there at one time. */
const SERVING_PORT = "/tmp/debug-port";

/** How a registry is started, stopped, and replaced by another process of the same container. */
export interface RegistryRunner {
  /** Keys of config.yml. */
  readonly config: { readonly [key: string]: any };
  /** How long requests in flight may take to end when a process is stopped. */
  readonly stopGraceSeconds: number;
  /** Whether maintenance may ask for another file than config.yml. */
  readonly isMaintained?: boolean;
  /** Whether others write to its storage too. */
  readonly isReplicated?: boolean;
  /** Whether a script looks at the room of the disk, and has uploads ended before it is full. */
  readonly guardsDisk?: boolean;
}

/**
 * Starts the registry and replaces its process when its files change, which it reads at its start only;
 * the container's first process.
 *
 * Where it listens on a socket, the new one is there before the old one goes: its socket takes the name of the old one's,
 * and no request fails. A port can have one owner only: there the new one is tried on a socket that nobody uses,
 * and begins when the old one has ended. In both the old one goes on when the new one does not start.
 */
export function registryRunner(runner: RegistryRunner): string {
  const isSideBySide = overlaps(runner.config);
  const conf = runner.isMaintained ? CHOSEN_CONFIG : CONF;
  return `
registry=
old=
stopping=
# The container's stop: requests in flight may end, as long as the engine waits.
trap 'stopping=1; kill -TERM $registry $old 2>/dev/null' TERM QUIT INT

# A registry on a socket and a debug port of its own; fails when it does not come to take requests.
start_beside() {
  rm -f "$1"
  REGISTRY_HTTP_NET=unix REGISTRY_HTTP_ADDR="$1" REGISTRY_HTTP_DEBUG_ADDR="127.0.0.1:$2" registry serve ${conf} &
  new=$!
  tries=0
  until [ -S "$1" ]; do
    tries=$((tries + 1))
    if [ -n "$stopping" ] || [ $tries -gt ${START_SECONDS * 20} ] || ! kill -0 "$new" 2>/dev/null; then
      kill -KILL "$new" 2>/dev/null
      return 1
    fi
    sleep 0.05
  done
}
end() {
  old=$1
  patience=${runner.stopGraceSeconds * 20}
  kill -TERM "$old" 2>/dev/null
  while [ -z "$stopping" ] && [ $patience -gt 0 ] && kill -0 "$registry" 2>/dev/null && kill -0 "$old" 2>/dev/null; do
    patience=$((patience - 1))
    sleep 0.05
  done
  [ -z "$stopping" ] || return 0
  kill -KILL "$old" 2>/dev/null
  old=
}
runs() {
  [ -z "$stopping" ] ${runner.guardsDisk ? "&& guard_disk " : ""}&& kill -0 "$registry" 2>/dev/null${runner.isMaintained ? " && follow_maintenance" : ""}
}
${isSideBySide ? sideBySide(runner.config.http.addr, runner.isMaintained ? 8 : 2) : inTurn(runner.config, conf)}${runner.guardsDisk ? `\n${replaceAtOnce(isSideBySide)}${GUARD_DISK}` : ""}${
  runner.isMaintained ? `\n${maintenanceSwitch(isTransferring(runner.config, isSideBySide), runner.isReplicated)}` : ""
}

${NOTE_CONFIG}
${runner.isMaintained ? `${recovery(runner.isReplicated)}\n` : ""}take_over || registry=$new
${runner.isMaintained ? `${scheduling(runner.isReplicated)}\n` : ""}${FOLLOW_CONFIG}
# Waiting ends early at each signal.
while :; do
  wait "$registry"
  ended=$?
  kill -0 "$registry" 2>/dev/null || break
done
[ -z "$stopping" ] || [ -z "$old" ] || wait "$old"${runner.isMaintained ? '\nfor process in $leaving; do wait "$process"; done' : ""}${runner.isMaintained && runner.isReplicated ? `\n${LEAVE}` : ""}
exit "$ended"
`;
}

/** @param tellsRoom whether it also says why pushes are refused */
export function registryHealthCommand(config: { readonly [key: string]: any }, tellsRoom = false): string[] {
  const ask = askHealth(servingDebugAddress(config));
  return readerHealthCommand(tellsRoom ? `{ ${ask}; } && ${SHOW_DISK_LOW}` : ask);
}

/** How long the configuration's take-over may last: a try, the end of the old process, and the start of the new one. */
export function takeOverSeconds(stopGraceSeconds: number): number {
  return 2 * START_SECONDS + stopGraceSeconds;
}

function askHealth(address: string): string {
  return httpGet(`http://${address}/debug/health`);
}

/** Where the debug server of the process that serves is; a shell word. */
export function servingDebugAddress(config: { readonly [key: string]: any }): string {
  return overlaps(config) ? `127.0.0.1:$(cat ${SERVING_PORT})` : debugAddress(config);
}

function debugAddress({ http }: { readonly [key: string]: any }): string {
  return http.debug.addr.replace(/^:/, "127.0.0.1:");
}

/** Nothing is there that only one process can have: a port, or a mirror's list of when its copies end. */
function overlaps({ http = {}, proxy }: { readonly [key: string]: any }): boolean {
  return http.net === "unix" && http.debug?.addr === LOCAL_DEBUG_ADDRESS && proxy === undefined;
}

/** With two slots the old process has to end before the next change; with more, several may be on their way out. */
function sideBySide(socket: string, slots: number): string {
  return `
slot=1
take_over() {
  next=$((${slots === 2 ? "1 - slot" : `(slot + 1) % ${slots}`}))
  port=$((${DEBUG_PORT} + next))
  start_beside ${socket}.$next $port || return 1
  # In one step: each connection reaches the one or the other.
  mv -f ${socket}.$next ${socket}
  echo $port > ${SERVING_PORT}
  slot=$next
  before=$registry
  registry=$new
}
let_go() {
  [ -z "$before" ] || end "$before"
}`;
}

/** For a process that is killed then. */
function replaceAtOnce(isSideBySide: boolean): string {
  const withoutTheOldOne = `
  kill -KILL "$registry"
  registry=
  take_over
`;
  return `replace_at_once() {${isSideBySide ? " take_over; " : withoutTheOldOne}}`;
}

function inTurn(config: { readonly [key: string]: any }, conf: string): string {
  return `
take_over() {
  if [ -n "$registry" ]; then
    rehearse || return 1
    end "$registry"
    [ -z "$stopping" ] || return 0
  fi
  registry serve ${conf} &
  registry=$!
  new=$registry
  # A registry that is there but not healthy has taken over too.
  tries=0
  until { ${askHealth(debugAddress(config))}; } 2>/dev/null; do
    tries=$((tries + 1))
    [ -z "$stopping" ] && [ $tries -le 100 ] || return 0
    kill -0 "$registry" 2>/dev/null || return 1
    sleep 0.1
  done
}
let_go() { :; }
rehearse() {
  start_beside /tmp/rehearsal.sock ${DEBUG_PORT + 1} || return 1
  # Its certificate is read after the socket is there.
  sleep 0.3
  kill -0 "$new" 2>/dev/null
  started=$?
  kill -KILL "$new" 2>/dev/null
  wait "$new" 2>/dev/null
  return $started
}`;
}
