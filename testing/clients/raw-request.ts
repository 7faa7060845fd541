import net from "node:net";
import tls from "node:tls";

/**
 * What is sent as it stands, whatever a client of HTTP would say to it. Gives the statuses of all answers.
 *
 * @param ca PEM, for https
 */
export async function rawRequest(
  url: string,
  ca: string | undefined,
  text: string,
  patienceMs = 3000,
): Promise<number[]> {
  const socket = await openConnection(url, ca);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    // What waits for the rest of a request that will not come is as good as refused.
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") {
        reject(error);
      }
    });
    socket.on("close", () => {
      const answers = Buffer.concat(chunks).toString("latin1");
      resolve([...answers.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => Number(status)));
    });
    socket.write(text, "latin1");
  });
}

/**
 * A request that waits for its body: the server has read its headers, decided that it takes the request, and asked for
 * the rest, which is sent by `finish`.
 */
export class HeldRequest {
  /** `head` is the request with its headers, which have to name a `Content-Length` of one byte. Undefined: refused. */
  public static async begin(url: string, ca: string | undefined, head: string[]): Promise<HeldRequest | undefined> {
    const socket = await openConnection(url, ca);
    socket.write(`${[...head, "Expect: 100-continue", "Connection: close"].join("\r\n")}\r\n\r\n`, "latin1");
    const [answer] = await new Promise<Buffer[]>((resolve, reject) => {
      socket.once("data", (chunk: Buffer) => resolve([chunk]));
      socket.once("error", reject);
    });
    if (answer.toString("latin1").startsWith("HTTP/1.1 100 ")) {
      return new HeldRequest(socket);
    }
    socket.destroy();
    return undefined;
  }

  private constructor(private readonly socket: net.Socket) {}

  /** Sends the body; gives the status when the server has closed the connection. */
  public finish(): Promise<number> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      this.socket.on("data", (chunk: Buffer) => chunks.push(chunk));
      this.socket.once("error", reject);
      this.socket.once("close", () =>
        resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(Buffer.concat(chunks).toString())?.[1])),
      );
      this.socket.write("x");
    });
  }

  /** As a client does it that goes away. */
  public abandon(): void {
    this.socket.destroy();
  }
}

/** A connection over which nothing was sent yet. */
export function openConnection(url: string, ca?: string): Promise<net.Socket> {
  const { hostname: host, port, protocol } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket: net.Socket =
      protocol === "https:"
        ? tls.connect({ host, port: Number(port), servername: host, ca }, () => resolve(socket))
        : net.connect({ host, port: Number(port) }, () => resolve(socket));
    socket.once("error", reject);
  });
}
