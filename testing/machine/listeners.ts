import execa from "execa";

const LISTENING = "0A";

/** The addresses on which a container's processes listen at a port, as {@link kernelAddress} writes them. */
export async function listeners(container: string, port: number): Promise<string[]> {
  const { stdout } = await execa("docker", ["exec", container, "cat", "/proc/net/tcp", "/proc/net/tcp6"]);
  const sockets = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  return sockets
    .filter(([, , , state]) => state === LISTENING)
    .map(([, local]) => local.split(":"))
    .filter(([, hexPort]) => Number.parseInt(hexPort, 16) === port)
    .map(([address]) => address);
}

/** An IPv4 address as the kernel's tables have it on a little-endian machine: `0100007F` for `127.0.0.1`. */
export function kernelAddress(address: string): string {
  return Buffer.from(address.split(".").map(Number)).reverse().toString("hex").toUpperCase();
}
