import type net from "node:net";
import execa from "execa";

/** Makes a network, and returns the address under which its containers reach the machine. */
export async function networkToMachine(name: string): Promise<string> {
  await execa("docker", ["network", "create", name]);
  const format = "{{(index .IPAM.Config 0).Gateway}}";
  const { stdout } = await execa("docker", ["network", "inspect", name, "--format", format]);
  return stdout;
}

/** A server of the test's own, which containers reach over such a network, and which can go away and come back. */
export class Neighbour {
  private readonly sockets = new Set<net.Socket>();
  private server?: net.Server;

  public constructor(
    private readonly port: number,
    private readonly create: () => net.Server,
  ) {}

  public async listen(): Promise<void> {
    const server = this.create();
    server.on("connection", (socket: net.Socket) => {
      this.sockets.add(socket);
      // A client that went away is not the test's failure.
      socket.on("error", () => socket.destroy());
      socket.on("close", () => this.sockets.delete(socket));
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, "0.0.0.0", resolve));
  }

  public async close(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    if (server) {
      for (const socket of this.sockets) {
        socket.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    }
  }
}
