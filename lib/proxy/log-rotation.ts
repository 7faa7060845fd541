/** A log file that must not fill its disk. */
export interface LogRotation {
  /** Absolute path. */
  readonly file: string;
  readonly maxSizeMiB: number;
  /** The one that is written to is one of them. */
  readonly maxFiles: number;
}

/**
 * Shell lines that keep nginx's log within its limits, for each second; `$1` is nginx's process.
 *
 * nginx goes on writing to the file that it has open, whatever its name, until it is told to open a new one:
 * no line is lost in between.
 */
export function logRotationScript({ file, maxSizeMiB, maxFiles }: LogRotation): string {
  return `# Somebody took the file away: nginx would fill it on where nobody sees it.
[ -e ${file} ] || exec kill -USR1 "$1"
[ "$(stat -c %s ${file})" -ge ${maxSizeMiB * 1024 * 1024} ] || exit 0
# The oldest goes, and what was kept while there could be more.
i=${maxFiles - 1}
while [ -e ${file}.$i ]; do
  rm ${file}.$i
  i=$((i + 1))
done
i=${maxFiles - 1}
while [ $i -gt 1 ]; do
  older=$i
  i=$((i - 1))
  [ ! -e ${file}.$i ] || mv ${file}.$i ${file}.$older
done
mv ${file} ${file}.1
kill -USR1 "$1"
`;
}
