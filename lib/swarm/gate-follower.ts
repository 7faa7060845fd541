import { LEDGER_MEDIA_TYPE } from "../registry/ledger";

/** Exists while the registries of a Swarm let nobody write: nginx holds what would. */
export const GATE = "/tmp/window";

/** Longer than the registries wait themselves for a collector that has fallen silent. */
const PATIENCE_SECONDS = 45;

/**
 * Shell commands that go on until the task ends: the gate of this nginx is closed for as long as the collector says so
 * again and again.
 * What keeps images safe are the registries themselves; this spares clients their 405.
 *
 * @param ledger `host:port` of what the registries tell each other
 */
export function followGate(ledger: string): string {
  const url = `http://${ledger}/v2/gate/manifests/now`;
  const accept = `Accept: ${LEDGER_MEDIA_TYPE}`;
  return `follow_gate() {
  said=$(if command -v curl >/dev/null; then curl -s -i --max-time 2 -H '${accept}' ${url}; else wget -q -S -O - -T 2 --header '${accept}' ${url} 2>&1; fi)
  read -r up _ </proc/uptime
  case $said in
    *'"closed-'*)
      word=\${said##*'"closed-'}
      word=\${word%%'"'*}
      [ "$word" = "$closed" ] || since=\${up%.*}
      closed=$word
      : >${GATE}
      ;;
    *' 200 '* | *' 404 '*) closed= ;;
  esac
  if [ -z "$closed" ] || [ $((\${up%.*} - since)) -ge ${PATIENCE_SECONDS} ]; then rm -f ${GATE}; fi
}
closed=
since=0
while :; do
  follow_gate
  sleep 1
done &
`;
}
