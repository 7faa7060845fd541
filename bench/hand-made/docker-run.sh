#!/bin/sh
# What HttpRegistryStack deploys, by hand: the same volumes, containers, limits and health checks, until both are healthy.
#   docker-run.sh <prefix> <port> <registry image> <nginx image> <folder with nginx.conf and config.yml>
set -eu
prefix=$1 port=$2 registry=$3 nginx=$4 configuration=$5

docker network create "$prefix" >/dev/null
docker volume create "$prefix-data" >/dev/null
docker volume create "$prefix-socket" --driver local \
    --opt type=tmpfs --opt device=tmpfs --opt o=uid=65532,gid=65532,mode=0700,size=1m >/dev/null
docker run --rm --network none --user 0:0 --volume "$prefix-data:/data" --entrypoint sh "$registry" \
    -c 'chown 65532:65532 /data'
docker run --rm --network none --user 0:0 --volume "$configuration:/config:ro" --volume "$prefix-socket:/run/registry" \
    --entrypoint nginx "$nginx" -t -q -c /config/nginx.conf

hardened="--detach --user 65532:65532 --read-only --cap-drop ALL --security-opt no-new-privileges
    --restart unless-stopped --health-interval 5s --health-timeout 5s --health-retries 3 --health-start-period 30s"
# shellcheck disable=SC2086
docker run $hardened --name "$prefix-registry" --network none \
    --env OTEL_TRACES_EXPORTER=none --env GOGC=400 \
    --volume "$configuration:/config:ro" --volume "$prefix-socket:/run/registry" --volume "$prefix-data:/var/lib/registry" \
    --health-cmd 'wget -q -O /dev/null http://127.0.0.1:5001/debug/health' \
    --entrypoint registry "$registry" serve /config/config.yml >/dev/null
# shellcheck disable=SC2086
docker run $hardened --name "$prefix-proxy" --network "$prefix" \
    --tmpfs /tmp:size=64m,mode=1777 --publish "127.0.0.1:$port:8080" \
    --volume "$configuration:/config:ro" --volume "$prefix-socket:/run/registry:ro" \
    --volume "$prefix-data:/var/lib/registry:ro" \
    --health-cmd 'curl -fsS -o /dev/null --max-time 4 --unix-socket /tmp/health.sock http://localhost/' \
    --entrypoint nginx "$nginx" -c /config/nginx.conf -g 'daemon off;' >/dev/null

for container in "$prefix-registry" "$prefix-proxy"; do
    until [ "$(docker inspect --format '{{.State.Health.Status}}' "$container")" = healthy ]; do
        sleep 0.2
    done
done
