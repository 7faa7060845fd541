import { CONFIG_FOLDER } from "./config-volume";

const CURRENT = `${CONFIG_FOLDER}/current`;

/** Left by the reader; the one of the config writer lies beside the files. */
const REFUSED = "/tmp/refused";

/** First lines of a reader's start script: what it starts with. */
export const NOTE_CONFIG = `applied=$(readlink ${CURRENT})`;

/**
 * The rest of it: looks for other files once a second.
 *
 * Expects two functions. `runs` says whether the process is still there; `take_over` has it use the new files, or
 * fails and lets it go on with those that it has: then the health check sees the mark.
 */
export const FOLLOW_CONFIG = `while runs; do
  sleep 1 &
  wait $!
  version=$(readlink ${CURRENT})
  [ "$version" != "$applied" ] || continue
  applied=$version
  if take_over; then
    echo "configuration $version: taken over"
    rm -f ${REFUSED}
  else
    echo "configuration $version: refused, the one before goes on serving" >&2
    touch ${REFUSED}
  fi
done`;

/** Healthy: no configuration was refused, by the writer or the reader, and the reader answers. */
export function readerHealthCommand(ask: string): string[] {
  return ["CMD-SHELL", `test ! -e ${CONFIG_FOLDER}/refused && test ! -e ${REFUSED} && ${ask}`];
}
