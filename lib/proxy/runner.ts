import { FOLLOW_CONFIG, NOTE_CONFIG, readerHealthCommand } from "../docker/config-follower";
import { CONFIG_FOLDER, EXECUTABLES } from "../docker/config-volume";
import { LOGIN_CONF, LOGIN_SOCKET } from "./conf/login-server";

const CONF = `${CONFIG_FOLDER}/current/nginx.conf`;
const LOGINS = `${CONFIG_FOLDER}/current/${LOGIN_CONF}`;

/** Where nginx writes log files, if it does; a volume is mounted there. */
export const LOG_FOLDER = "/logs";

/** A script beside nginx.conf that the runner runs each second, with nginx's process as its argument. */
export const LOG_ROTATION = `${EXECUTABLES}/rotate-logs`;

const ROTATION = `${CONFIG_FOLDER}/current/${LOG_ROTATION}`;

/**
 * Tries the new files; run by the config writer in the folder that holds them.
 * nginx opens the log files too: in the writer they are not the real ones.
 */
export const NGINX_CHECK = `mkdir -p ${LOG_FOLDER} && nginx -t -q -c "$PWD/nginx.conf" && { [ ! -e ${LOGIN_CONF} ] || nginx -t -q -c "$PWD/${LOGIN_CONF}"; }`;

/**
 * Starts nginx and reloads it when its files change; the container's first process.
 * Where users are checked here, a second nginx does that, so that bcrypt keeps none of the first one's workers.
 *
 * A reload that nginx would refuse is not asked for: the workers go on with the configuration that they have.
 */
export const NGINX_RUNNER = `
logins=
follow_logins() {
  [ -e ${LOGINS} ] || return 0
  if [ -n "$logins" ]; then
    kill -HUP $logins
    return
  fi
  nginx -c ${LOGINS} -g 'daemon off;' &
  logins=$!
  until [ -S ${LOGIN_SOCKET} ] || ! kill -0 $logins 2>/dev/null; do sleep 0.05; done
}
are_accepted() {
  nginx -t -q -c ${CONF} && { [ ! -e ${LOGINS} ] || nginx -t -q -c ${LOGINS}; }
}
take_over() {
  are_accepted || return 1
  follow_logins
  kill -HUP $nginx
}
runs() {
  [ ! -e ${ROTATION} ] || ${ROTATION} $nginx
  kill -0 $nginx 2>/dev/null && { [ -z "$logins" ] || kill -0 $logins 2>/dev/null; }
}

${NOTE_CONFIG}
follow_logins
nginx -c ${CONF} -g 'daemon off;' &
nginx=$!
# QUIT lets requests in flight end; a plain TERM would cut them.
trap 'kill -QUIT $nginx' TERM QUIT INT
# Before its start is over it knows no signals, and a log's rotation sends one.
until [ -s /tmp/nginx.pid ] || ! kill -0 $nginx 2>/dev/null; do sleep 0.05; done
${FOLLOW_CONFIG}
kill -QUIT $nginx 2>/dev/null
wait $nginx
[ -z "$logins" ] || kill -QUIT $logins 2>/dev/null
`;

/** A request gets through to the registry and back. */
export function proxyHealthCommand(socket: string): string[] {
  return readerHealthCommand(`curl -fsS -o /dev/null --max-time 4 --unix-socket ${socket} http://localhost/`);
}
