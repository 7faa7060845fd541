import execa from "execa";
import { images } from "../../environments/images";

/** The files of a ConfigVolume, a line each: mode, owner, path. */
export async function configFiles(volume: string): Promise<string[]> {
  const { stdout } = await execa("docker", [
    ...["run", "--rm", "--network=none", "--volume", `${volume}:/config:ro`],
    ...["--entrypoint=sh", images.nginx.reference, "-c"],
    "find /config/ -type f -exec stat -c '%a %u:%g %n' {} + | sed 's#/config/[0-9a-f]*/##' | sort",
  ]);
  return stdout.split("\n");
}
