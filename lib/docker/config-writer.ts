/** Where the engine puts the uploaded files: in the writer's own layer, not in the volume. */
export const STAGING_PATH = "/staged";

/** Where the volumes are that get another owner, each in a folder of its number. */
export const OWNED_FOLDER = "/owned";

/** What a writer prints when all is done, before the version. Without it nothing was done, whatever the exit code. */
export const WRITTEN = "configuration is current:";

/** Open at a reader for as long as it runs; a pipe, as it needs no write permission in the volume. */
export const READER_PIPE = ".reader";

/** Here a reader says `<version> taken` or `<version> refused`. */
export const ANSWERS_PIPE = ".answers";

/** What the script below runs, and the scripts of all readers. */
const COMMANDS =
  "cat chmod chown cp cut find grep ln ls mkdir mkfifo mv readlink rm sed sha256sum sleep sort stat timeout";

/** The container that takes over new files while it runs. */
export interface ConfigReader {
  /** Its name, for messages. */
  readonly name: string;
  /** How many seconds a take-over may last. */
  readonly patienceSeconds: number;
}

/** What a writer does beside writing. */
export interface ConfigWriterScript {
  /** Shell command that tries the files, run in the folder that holds them; it may change them. */
  readonly check?: string;
  /** User and group that get the files. */
  readonly owner: number;
  /** Programs that the reader needs of the image; `a|b` is one of the two. */
  readonly requiredCommands?: string[];
  /** Whom the writer waits for, where one follows the files. */
  readonly reader?: ConfigReader;
}

/**
 * The script of the one-shot writer.
 *
 * Each set of files gets a folder named after its content; `current` is a link that is replaced by a rename,
 * the only change of a file system that nobody can see half done.
 */
export function configWriterScript(script: ConfigWriterScript): string {
  const check = script.check
    ? `
# Tried by the program that will read it, before that program sees it.
if ! { ${script.check}; }; then
  touch /config/refused
  exit 1
fi`
    : "";
  return `set -eu
umask 022
${requireCommands(script.requiredCommands ?? [], OWN_COMMANDS)}
for volume in ${OWNED_FOLDER}/*; do
  [ -d "$volume" ] || continue
  # A volume that came with data of another user is taken over whole, one of our own costs nothing.
  [ "$(stat -c %u "$volume")" != ${script.owner} ] || continue
  # An empty volume would get the owner of the image's folder when it is mounted there.
  [ -n "$(ls -A "$volume")" ] || touch "$volume/.owned-by-${script.owner}"
  # The top folder comes last: its owner tells the next run that nothing is left to do.
  find "$volume" -mindepth 1 -exec chown -h ${script.owner}:${script.owner} {} +
  chown ${script.owner}:${script.owner} "$volume"
done

# Started again by hand or by the engine: the files were handed over the first time.
[ -d ${STAGING_PATH} ] || exit 0
cd ${STAGING_PATH}
# No secret stays behind in the layer of a container that has ended, whether its files were taken or refused.
trap 'cd / && rm -rf ${STAGING_PATH}' EXIT
${check}
sums=$(find . -type f -exec sha256sum {} +)
version=$(echo "$sums" | sort -k 2 | sha256sum | cut -c 1-16)
[ -n "$sums" ] && [ -n "$version" ]
if [ ! -d "/config/$version" ]; then
  rm -rf /config/.incoming
  cp -R ${STAGING_PATH} /config/.incoming
  find /config/.incoming -type d -exec chmod 755 {} +
  find /config/.incoming -type f -exec chmod 400 {} +
  [ ! -d /config/.incoming/bin ] || find /config/.incoming/bin -type f -exec chmod 500 {} +
  find /config/.incoming -type f -exec chown ${script.owner}:${script.owner} {} +
  mv /config/.incoming "/config/$version"
fi
make_current() {
  ln -sfn "$1" /config/.next
  mv -T /config/.next /config/current
}
${script.reader ? handOver(script.reader) : 'make_current "$version"'}
rm -f /config/refused
for old in /config/*; do
  case "$old" in "/config/$version" | /config/current) ;; *) rm -rf "$old" ;; esac
done
echo "${WRITTEN} $version"
`;
}

const OWN_COMMANDS = `for name in ${COMMANDS}; do
  command -v "$name" >/dev/null || lacking="$lacking $name"
done
`;

/**
 * Shell commands that end where a program is missing: a script would fail where nobody looks.
 *
 * @param required names; `"curl|wget"` is one of the two
 * @param before commands that look for others
 */
export function requireCommands(required: string[], before = ""): string {
  const one = (alternatives: string[]) =>
    `{ ${alternatives.map((name) => `command -v ${name}`).join(" || ")}; } >/dev/null || lacking="$lacking ${alternatives.join("-or-")}"`;
  return `lacking=
${before}${required.map((names) => `${one(names.split("|"))}\n`).join("")}if [ -n "$lacking" ]; then
  echo "the image lacks:$lacking. Fix: choose an image that has it" >&2
  exit 1
fi`;
}

/** The files of before stay until the reader says that it uses the new ones, and come back when it does not. */
function handOver({ name, patienceSeconds }: ConfigReader): string {
  return `before=$(readlink /config/current || true)
for pipe in ${READER_PIPE} ${ANSWERS_PIPE}; do
  [ -p "/config/$pipe" ] || mkfifo -m 0666 "/config/$pipe"
done
# Opened first, so that no answer is lost.
exec 8<>/config/${ANSWERS_PIPE}
make_current "$version"
# A pipe cannot be opened for writing while nobody has it open for reading: then no reader runs.
if [ -n "$before" ] && [ "$before" != "$version" ] && timeout 1 sh -c ': >/config/${READER_PIPE}' 2>/dev/null; then
  answer=$(timeout ${patienceSeconds} sh -c '
    while read -r version answer; do
      if [ "$version" = "$0" ]; then
        echo "$answer"
        exit
      fi
    done' "$version" <&8) || answer="gave no answer within ${patienceSeconds} s"
  if [ "$answer" != taken ]; then
    make_current "$before"
    touch /config/refused
    echo "the container ${name}: $answer. Fix: its log says why (docker logs ${name})" >&2
    exit 1
  fi
fi`;
}
