/** Where the engine puts the uploaded files: in the writer's own layer, not in the volume. */
export const STAGING_PATH = "/staged";

/** How many seconds a reader may take to notice; see nginx-runner.ts. */
export interface ConfigWriterScript {
  /** Shell command that tries the files, run in the folder that holds them. */
  readonly check?: string;
  /** User and group that get the files. */
  readonly owner: number;
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
  echo "$version" > /config/refused
  exit 1
fi`
    : "";
  return `set -eu
umask 022
for volume in /owned/*; do
  [ -d "$volume" ] || continue
  # A volume that came with data of another user is taken over whole, one of our own costs nothing.
  [ "$(stat -c %u "$volume")" = ${script.owner} ] && continue
  # An empty volume would get the owner of the image's folder when it is mounted there.
  [ -n "$(ls -A "$volume")" ] || touch "$volume/.owned-by-${script.owner}"
  chown -R ${script.owner}:${script.owner} "$volume"
done

# Started again by hand or by the engine: the files were handed over the first time.
[ -d ${STAGING_PATH} ] || exit 0
cd ${STAGING_PATH}
# No secret stays behind in the layer of a container that has ended, whether its files were taken or refused.
trap 'cd / && rm -rf ${STAGING_PATH}' EXIT
version=$(find . -type f | sort | xargs sha256sum | sha256sum | cut -c 1-16)
${check}
if [ ! -d "/config/$version" ]; then
  rm -rf /config/.incoming
  cp -R ${STAGING_PATH} /config/.incoming
  find /config/.incoming -type d -exec chmod 755 {} +
  find /config/.incoming -type f -exec chmod 400 {} +
  [ ! -d /config/.incoming/bin ] || find /config/.incoming/bin -type f -exec chmod 500 {} +
  find /config/.incoming -type f -exec chown ${script.owner}:${script.owner} {} +
  mv /config/.incoming "/config/$version"
fi
ln -sfn "$version" /config/.next
mv -T /config/.next /config/current
rm -f /config/refused
for old in /config/*; do
  case "$old" in "/config/$version" | /config/current) ;; *) rm -rf "$old" ;; esac
done
`;
}
