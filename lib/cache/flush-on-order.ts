import { CONFIG_FOLDER } from "../docker/config-volume";
import { FORGET_CACHE } from "../registry/maintenance-part";
import type { RegistryBinding } from "../registry/registry-part";
import { STATUS_FOLDER } from "../registry/status";
import { REDIS_SOCKET } from "./redis-config";

/** A file in a registry's status volume: a new word in it is the order to forget. */
const ORDER = "forget";

/** Beside Redis' socket: the last word that it has forgotten for; a file for each registry. */
const answerFile = (registry: number) =>
  `${REDIS_SOCKET.slice(0, REDIS_SOCKET.lastIndexOf("/"))}/forgotten-${registry}`;

/** Where Redis finds the status volume of a registry. */
export const orderFolder = (registry: number) => `${STATUS_FOLDER}-${registry}`;

/**
 * Runs Redis, and empties it when one of so many registries asks for that; the container's first process.
 *
 * @param figures shell command that is run every ten seconds
 */
export function forgetfulRedis(registries: number, figures?: string): string {
  const numbers = Array.from({ length: registries }, (_, i) => i);
  return `redis-server ${CONFIG_FOLDER}/current/redis.conf &
redis=$!
trap 'kill -TERM "$redis"' TERM QUIT INT
forget() {
  ordered=
  forgotten=
  read -r ordered 2>/dev/null <"$1" || return 0
  read -r forgotten 2>/dev/null <"$2"
  [ "$ordered" != "$forgotten" ] || return 0
  password=$(cat ${CONFIG_FOLDER}/current/password)
  [ "$(REDISCLI_AUTH=$password redis-cli -s ${REDIS_SOCKET} FLUSHALL 2>/dev/null)" = OK ] && echo "$ordered" >"$2"
}
${figures ? `figures() {\n  ${figures}\n}\nlook=0\n` : ""}while kill -0 "$redis" 2>/dev/null; do
${figures ? `  [ $((look % 20)) -ne 0 ] || figures\n  look=$((look + 1))\n` : ""}${numbers.map((i) => `  forget ${orderFolder(i)}/${ORDER} ${answerFile(i)}\n`).join("")}  sleep 0.5 &
  wait $!
done
wait "$redis"
`;
}

/** In the registry's container: asks the Redis above to forget, and waits until it says that it has. */
export function askRedisToForget(registry: number): string {
  return `#!/bin/sh
set -u
echo "$1" >${STATUS_FOLDER}/${ORDER}.new
mv ${STATUS_FOLDER}/${ORDER}.new ${STATUS_FOLDER}/${ORDER}
tries=0
until [ "$(cat ${answerFile(registry)} 2>/dev/null)" = "$1" ]; do
  tries=$((tries + 1))
  [ $tries -le 100 ] || exit 1
  sleep 0.1
done
`;
}

/** The file with the password of a Redis that is reached by TCP. */
const REDIS_PASSWORD = "redis-password";

/** A Redis as registries reach it. */
export interface RedisAddress {
  readonly address: string;
  readonly database?: number;
  readonly user?: string;
  readonly password?: string;
}

/** For a garbage collection: what a registry needs to empty a database of a Redis that it reaches by TCP. */
export function forgettingByTcp({
  address,
  database = 0,
  user,
  password,
}: RedisAddress): Pick<RegistryBinding, "files" | "requiredCommands"> {
  const script = flushDatabase({ address, database, user, hasPassword: password !== undefined });
  return {
    files: [
      { path: FORGET_CACHE, content: script },
      ...(password === undefined ? [] : [{ path: REDIS_PASSWORD, content: password }]),
    ],
    requiredCommands: ["nc"],
  };
}

function flushDatabase(redis: { address: string; database: number; user?: string; hasPassword: boolean }): string {
  const login = redis.hasPassword
    ? `  password=$(cat ${CONFIG_FOLDER}/current/${REDIS_PASSWORD})
  ${redis.user ? `send AUTH ${redis.user} "$password"` : 'send AUTH "$password"'}\n`
    : "";
  const answers = redis.hasPassword ? 4 : 3;
  return `#!/bin/sh
set -u
address='${redis.address}'
host=\${address%:*}
host=\${host#[}
said=/tmp/redis-said
answered() { wc -l <"$said"; }
send() {
  printf '*%s\\r\\n' $#
  for word; do printf '$%s\\r\\n%s\\r\\n' "$(printf %s "$word" | wc -c)" "$word"; done
}
: >"$said"
{
${login}  send SELECT ${redis.database}
  send FLUSHDB
  send QUIT
  # Redis answers nothing more once this side has ended.
  tries=0
  until [ "$(answered)" -ge ${answers} ] || [ $tries -ge 80 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
} | timeout 10 nc "\${host%]}" "\${address##*:}" >"$said"
[ "$(tr -d '\\r' <"$said" | tr '\\n' ' ')" = '${"+OK ".repeat(answers)}' ]
`;
}
