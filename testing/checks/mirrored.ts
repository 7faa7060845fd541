import execa from "execa";

/** How many blobs a mirror has copies of. A client may have its last byte before the copy is written. */
export async function mirrored(container: string): Promise<number> {
  const find = ["find", "/var/lib/registry", "-path", "*/blobs/sha256/*", "-name", "data"];
  const { stdout } = await execa("docker", ["exec", container, ...find]);
  return stdout.split("\n").filter(Boolean).length;
}
