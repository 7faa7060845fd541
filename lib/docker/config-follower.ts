import { CONFIG_FOLDER } from "./config-volume";
import { ANSWERS_PIPE, READER_PIPE } from "./config-writer";

const CURRENT = `${CONFIG_FOLDER}/current`;

/** Left by the reader; the one of the config writer lies beside the files. */
const REFUSED = "/tmp/refused";

/** First lines of a reader's start script: what it starts with. */
export const NOTE_CONFIG = `# Open as long as this container runs: the config writer sees that there is somebody to wait for.
[ ! -p ${CONFIG_FOLDER}/${READER_PIPE} ] || exec 9<>${CONFIG_FOLDER}/${READER_PIPE}
# Opened for both, which never waits: an answer that nobody waits for is lost.
answer() {
  [ ! -p ${CONFIG_FOLDER}/${ANSWERS_PIPE} ] || echo "$applied $1" 1<>${CONFIG_FOLDER}/${ANSWERS_PIPE}
}
applied=$(readlink ${CURRENT}) || {
  echo "there is no configuration in ${CONFIG_FOLDER}. Fix: remove the container of its writer and deploy again" >&2
  exit 1
}`;

/**
 * The rest of it: looks for other files once a second, and tells the config writer what became of them.
 *
 * Expects three functions. `runs` says whether the process is still there; `take_over` returns when it uses the new files,
 * or fails and lets it go on with those that it has: then the health check sees the mark. `let_go` ends what used the
 * old ones.
 */
export const FOLLOW_CONFIG = `serving=$applied
answer taken
while runs; do
  sleep 1 &
  wait $!
  version=$(readlink ${CURRENT})
  [ "$version" != "$applied" ] || continue
  applied=$version
  if [ "$version" = "$serving" ]; then
    # The writer took back what was refused.
    rm -f ${REFUSED}
  elif take_over; then
    serving=$version
    echo "configuration $version: taken over"
    rm -f ${REFUSED}
    answer taken
    let_go
  else
    echo "configuration $version: refused, the one before goes on serving" >&2
    touch ${REFUSED}
    answer refused
  fi
done`;

/** Healthy: no configuration was refused, by the writer or the reader, and the reader answers. */
export function readerHealthCommand(ask: string): string[] {
  return ["CMD-SHELL", `test ! -e ${CONFIG_FOLDER}/refused && test ! -e ${REFUSED} && ${ask}`];
}

/** One of the two is in every image that is used here. */
export const HTTP_CLIENT = "curl|wget";

/** Shell command that succeeds when a server answers with a status below 400. */
export function httpGet(url: string): string {
  return `if command -v curl >/dev/null; then curl -fsS -o /dev/null --max-time 4 "${url}"; else wget -q -O /dev/null -T 4 "${url}"; fi`;
}

/** The same, and shows the answer. */
export function httpText(url: string): string {
  return `if command -v curl >/dev/null; then curl -fsS --max-time 4 "${url}"; else wget -q -O - -T 4 "${url}"; fi`;
}
