import { CONFIG_FOLDER } from "./config-volume";

const CONF = `${CONFIG_FOLDER}/current/nginx.conf`;

/** Tries a new nginx.conf; run by the config writer in the folder that holds it. */
export const NGINX_CHECK = 'nginx -t -q -c "$PWD/nginx.conf"';

/**
 * Starts nginx and reloads it when its files change; the container's first process.
 *
 * A reload that nginx would refuse is not asked for: the workers go on with the configuration that
 * they have, and the health check sees the mark.
 */
export const NGINX_RUNNER = `
applied=$(readlink ${CONFIG_FOLDER}/current)
nginx -c ${CONF} -g 'daemon off;' &
nginx=$!
# QUIT lets requests in flight end; a plain TERM would cut them.
trap 'kill -QUIT $nginx' TERM QUIT INT
while kill -0 $nginx 2>/dev/null; do
  sleep 1 &
  wait $!
  version=$(readlink ${CONFIG_FOLDER}/current)
  [ "$version" != "$applied" ] || continue
  applied=$version
  if nginx -t -q -c ${CONF}; then
    echo "configuration $version: reloaded"
    kill -HUP $nginx
    rm -f /tmp/refused
  else
    echo "configuration $version: refused, the one before goes on serving" >&2
    touch /tmp/refused
  fi
done
wait $nginx
`;

/** Healthy: no configuration was refused, and a request gets through to the registry and back. */
export function proxyHealthCommand(socket: string): string[] {
  return [
    "CMD-SHELL",
    `test ! -e ${CONFIG_FOLDER}/refused && test ! -e /tmp/refused && curl -fsS -o /dev/null --max-time 4 --unix-socket ${socket} http://localhost/`,
  ];
}
