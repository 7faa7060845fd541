import execa from "execa";
import { tarEnd, tarHeader, tarPadding } from "./tar";

/** Where a registry keeps what its repositories have. */
const REPOSITORIES = "/var/lib/registry/docker/registry/v2/repositories";

/** An image that is in the registry already, to be had by other names too. */
export interface Planted {
  /** Digest of its manifest. */
  readonly digest: string;
  /** Digests of its configuration and its layers. */
  readonly blobs: readonly string[];
}

/**
 * Gives an image to many repositories at once, as the registry's own files: ten thousand pushes would take minutes.
 *
 * @param container the registry's
 * @param tagsOf tags by repository
 */
export async function plant(container: string, image: Planted, tagsOf: ReadonlyMap<string, string[]>): Promise<void> {
  const chunks: Buffer[] = [];
  const add = (path: string, digest: string) => {
    const content = Buffer.from(digest);
    chunks.push(tarHeader(path, content.length), content, tarPadding(content.length));
  };
  const below = (folder: string, digest: string) => `${folder}/${digest.replace(":", "/")}/link`;
  for (const [repository, tags] of tagsOf) {
    for (const blob of image.blobs) {
      add(below(`${repository}/_layers`, blob), blob);
    }
    add(below(`${repository}/_manifests/revisions`, image.digest), image.digest);
    for (const tag of tags) {
      add(`${repository}/_manifests/tags/${tag}/current/link`, image.digest);
      add(below(`${repository}/_manifests/tags/${tag}/index`, image.digest), image.digest);
    }
  }
  const input = Buffer.concat([...chunks, tarEnd()]);
  await execa("docker", ["exec", "--interactive", container, "tar", "-xm", "-C", REPOSITORIES], { input });
}
