import {
  FOLLOW_CONFIG,
  HTTP_CLIENT,
  httpGet,
  httpText,
  NOTE_CONFIG,
  readerHealthCommand,
} from "../docker/config-follower";
import { CONFIG_FOLDER, type ConfigFile, EXECUTABLES } from "../docker/config-volume";
import { SHOW_DISK_LOW } from "../registry/status";
import {
  CURRENT_CERTIFICATE,
  FOLLOWED_CERTIFICATE,
  FOLLOWED_KEY,
  FOLLOWER_COMMANDS,
} from "../tls/certificate-follower";
import { PULLS_ONLY } from "./conf/direct-pulls";
import { FIGURES_FOLDER } from "./conf/figures";
import { LOGIN_CONF, LOGIN_SOCKET } from "./conf/logins/login-server";
import { HEALTH_ADDRESS } from "./conf/nginx-conf";
import { LOAD_NJS, NJS_MODULE, withoutNjs, withoutUnknownDictionaries } from "./conf/njs";
import { SHOW_EXCEEDED_QUOTAS } from "./conf/quotas";
import { GROUPS, GROUPS_OF_OLDER_OPENSSL } from "./conf/tls";

const CONF = `${CONFIG_FOLDER}/current/nginx.conf`;
const LOGINS = `${CONFIG_FOLDER}/current/${LOGIN_CONF}`;

/** Where nginx writes log files, if it does; a volume is mounted there. */
export const LOG_FOLDER = "/logs";

/** The same for an audit. */
export const AUDIT_FOLDER = "/audit";

/**
 * A script beside nginx.conf that the runner runs each second, with nginx's process as its argument. Its name is from when
 * it did nothing else; another one would replace each proxy's container.
 */
const EVERY_SECOND = `${EXECUTABLES}/rotate-logs`;

/** What parts have to do each second, as a script; none of them ends that of another. */
export function everySecond(parts: string[]): ConfigFile[] {
  const lines = parts.length > 1 ? parts.map((part) => `(\n${part})\n`) : parts;
  const content = `#!/bin/sh\n${lines.join("")}`;
  return parts.length > 0 ? [{ path: EVERY_SECOND, content, review: content }] : [];
}

/** For `nginx -t`, which looks at the files. */
const STAND_IN_CERTIFICATE = `mkdir -p ${CURRENT_CERTIFICATE}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=check \\
  -keyout ${FOLLOWED_KEY} -out ${FOLLOWED_CERTIFICATE} 2>/dev/null`;

const REPEATED = `${CONFIG_FOLDER}/current/${EVERY_SECOND}`;

/** What an image for nginx must have; more where a certificate is followed, as the follower runs it too. */
export function nginxCommands(followsCertificate = false): string[] {
  return ["nginx", HTTP_CLIENT, ...(followsCertificate ? FOLLOWER_COMMANDS : [])];
}

/**
 * Tries the new files; run by the config writer in the folder that holds them.
 * nginx opens the log files too, and a followed certificate: in the writer they are not the real ones.
 *
 * @param folders where else nginx writes
 */
export function nginxCheck(followsCertificate = false, folders: string[] = []): string {
  return [
    ...(followsCertificate ? [STAND_IN_CERTIFICATE] : []),
    ...folders.map((folder) => `mkdir -p ${folder}`),
    `mkdir -p ${LOG_FOLDER}`,
    FILES_CHECK,
  ].join("\n");
}

/** The same without the folders that nginx writes to. */
export const FILES_CHECK = `if grep -q '${NJS_MODULE}' nginx.conf && nginx -t -q -c "$PWD/nginx.conf" 2>&1 | grep -q '${NJS_MODULE}'; then
  ${withoutNjs("nginx.conf")}
  grep -q '${NJS_MODULE}' nginx.conf || echo "the image has no njs (${NJS_MODULE}): manifests come from the registry, blobs from its files"
fi
${withoutUnknownDictionaries("nginx.conf")}
has_njs() {
  [ -e ${NJS_MODULE} ] || ! grep -qxF '${LOAD_NJS}' nginx.conf || {
    echo "the image has no njs (${NJS_MODULE}). Fix: choose one that has it, as nginx:1.28, not its -slim variants" >&2
    false
  }
}
if [ -e ${GROUPS_OF_OLDER_OPENSSL} ]; then
  if nginx -t -q -c "$PWD/nginx.conf" 2>&1 | grep -q 'SSL_CTX_set1_[a-z]*_list'; then
    mv -f ${GROUPS_OF_OLDER_OPENSSL} ${GROUPS}
  fi
  rm -f ${GROUPS_OF_OLDER_OPENSSL}
fi
has_njs && nginx -t -q -c "$PWD/nginx.conf" && { [ ! -e ${LOGIN_CONF} ] || nginx -t -q -c "$PWD/${LOGIN_CONF}"; }`;

/** Where a followed certificate was refused by nginx itself; the health check looks for it. */
const REFUSED_CERTIFICATE = "/tmp/certificate-refused";

/** Each second: another certificate behind the link is tried once, and then served by new connections. */
const FOLLOW_CERTIFICATE = `
certificate=$(readlink ${CURRENT_CERTIFICATE})
follow_certificate() {
  found=$(readlink ${CURRENT_CERTIFICATE}) || return 0
  [ "$found" != "$certificate" ] || return 0
  certificate=$found
  if are_accepted && reload "$nginx"; then
    echo "certificate $certificate: taken over"
    rm -f ${REFUSED_CERTIFICATE}
  else
    echo "certificate $certificate: refused by nginx, the one before stays in use" >&2
    touch ${REFUSED_CERTIFICATE}
  fi
}
`;

/** A volume keeps the socket of an nginx that was killed, and the next one would not start. */
const REMOVE_SOCKET = `rm -f ${FIGURES_FOLDER}/*.sock\n`;

/**
 * Starts nginx and reloads it when its files change; the container's first process.
 * Where users are checked here, a second nginx does that, so that bcrypt keeps none of the first one's workers.
 *
 * A reload that nginx would refuse is not asked for: the workers go on with the configuration that they have.
 */
export function nginxRunner(followsCertificate = false, tellsFigures = false): string {
  return `
${tellsFigures ? REMOVE_SOCKET : ""}logins=
follow_logins() {
  [ -e ${LOGINS} ] || return 0
  if [ -n "$logins" ]; then
    reload "$logins"
    return
  fi
  nginx -c ${LOGINS} -g 'daemon off;' &
  logins=$!
  until [ -S ${LOGIN_SOCKET} ] || ! kill -0 "$logins" 2>/dev/null; do sleep 0.05; done
  kill -0 "$logins" 2>/dev/null
}
children() {
  for stat in /proc/[0-9]*/stat; do
    read -r pid _ _ parent _ 2>/dev/null <"$stat" || continue
    [ "$parent" != "$1" ] || echo "$pid"
  done
}
# Over when none of the workers of before takes connections any more; nginx keeps them all when it cannot start others.
reload() {
  workers=$(children "$1")
  kill -HUP "$1" || return 1
  tries=0
  for worker in $workers; do
    until ! kill -0 "$worker" 2>/dev/null || grep -q 'shutting down' "/proc/$worker/cmdline" 2>/dev/null; do
      tries=$((tries + 1))
      [ $tries -le 600 ] || return 1
      sleep 0.05
    done
  done
}
are_accepted() {
  nginx -t -q -c ${CONF} && { [ ! -e ${LOGINS} ] || nginx -t -q -c ${LOGINS}; }
}
take_over() {
  are_accepted || return 1
  # From here on it is not sure which files are in use, until all use the new ones.
  serving=
  follow_logins && reload "$nginx"
}
let_go() { :; }
${followsCertificate ? FOLLOW_CERTIFICATE.trimStart() : ""}runs() {
  [ ! -e ${REPEATED} ] || ${REPEATED} "$nginx"
${followsCertificate ? "  follow_certificate\n" : ""}  kill -0 "$nginx" 2>/dev/null && { [ -z "$logins" ] || kill -0 "$logins" 2>/dev/null; }
}

${NOTE_CONFIG}
follow_logins || exit 1
nginx -c ${CONF} -g 'daemon off;' &
nginx=$!
# QUIT lets requests in flight end; a plain TERM would cut them.
trap 'kill -QUIT "$nginx"' TERM QUIT INT
# Before its start is over it knows no signals, and a log's rotation sends one.
until [ -s /tmp/nginx.pid ] || ! kill -0 "$nginx" 2>/dev/null; do sleep 0.05; done
${FOLLOW_CONFIG}
kill -QUIT "$nginx" 2>/dev/null
wait "$nginx"
ended=$?
# It should have been there until now.
[ -z "$logins" ] || kill -QUIT "$logins" 2>/dev/null || ended=1
exit $ended
`;
}

/**
 * A request gets through to the registry and back; or the registry is down but pulls go on, and the check says so.
 *
 * @param followsCertificate whether it fails while a certificate from elsewhere is refused
 * @param tellsRoom whether it also says why pushes are refused
 * @param tellsQuotas whether it also says which quotas are exceeded
 */
export function proxyHealthCommand(followsCertificate = false, tellsRoom = false, tellsQuotas = false): string[] {
  const registry = httpGet(`http://${HEALTH_ADDRESS}/`);
  const pulls = httpText(`http://${HEALTH_ADDRESS}${PULLS_ONLY}`);
  const certificate = followsCertificate ? `test ! -e ${REFUSED_CERTIFICATE} && ` : "";
  const room = tellsRoom ? ` && ${SHOW_DISK_LOW}` : "";
  const quotas = tellsQuotas ? ` && ${SHOW_EXCEEDED_QUOTAS}` : "";
  return readerHealthCommand(`${certificate}{ { ${registry}; } || { ${pulls}; }; }${room}${quotas}`);
}
