import tls from "node:tls";

/** What is sent as it stands, whatever a client of HTTP would say to it. Gives the statuses of all answers. */
export function rawRequest(url: string, ca: string, text: string): Promise<number[]> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = tls.connect({ host: hostname, port: Number(port), servername: hostname, ca }, () => {
      // What waits for the rest of a request that will not come is as good as refused.
      socket.setTimeout(3000, () => socket.destroy());
      socket.write(text, "latin1");
    });
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
  });
}
