import { CONFIG_FOLDER } from "../docker/config-volume";

/** Where Swarm mounts the files of a service, for reading only. */
export const STAGED_FOLDER = "/staged";

/**
 * The script of a task: what a `ConfigVolume` is to a container. It copies the files of the service to where the runner
 * looks for them, tries them, and becomes the runner. A file that is refused ends the task, and with it the update.
 *
 * @param check shell command that tries the files, run in the folder that holds them; it may change them
 */
export function taskScript(runner: string, check = "true"): string {
  return `(
  umask 077
  mkdir ${CONFIG_FOLDER}/files && cp -RL ${STAGED_FOLDER}/. ${CONFIG_FOLDER}/files && cd ${CONFIG_FOLDER}/files && {
${check}
  } && ln -s files ${CONFIG_FOLDER}/current
) || {
  echo "the configuration was refused; what is said above says why" >&2
  exit 1
}
${runner}`;
}
