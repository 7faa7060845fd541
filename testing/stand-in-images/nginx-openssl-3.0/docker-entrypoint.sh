#!/bin/sh
# Changes the configuration of the image before it starts a server; any other command is run as it is.
set -e
if [ "$1" = nginx ]; then
  echo "$0: ready for start up"
  touch /etc/nginx/conf.d/default.conf
fi
exec "$@"
