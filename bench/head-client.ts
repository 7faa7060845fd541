import net from "node:net";
import tls from "node:tls";

/**
 * HEAD requests a second over connections that are kept open. (wrk waits for the body that a HEAD announces.)
 *
 * An answer ends with its header, so that counting empty lines is all there is to do.
 */
export function headRate(
  url: string,
  headers: Record<string, string>,
  connections: number,
  seconds: number,
): Promise<number> {
  const { hostname, port, protocol, pathname, host } = new URL(url);
  const lines = Object.entries({ Host: host, ...headers }).map(([name, value]) => `${name}: ${value}`);
  const request = [`HEAD ${pathname} HTTP/1.1`, ...lines, "", ""].join("\r\n");
  const secure = protocol === "https:";
  const address = { host: hostname, port: Number(port) };

  return new Promise((resolve, reject) => {
    let answers = 0;
    const sockets = Array.from({ length: connections }, () => {
      const socket = secure ? tls.connect({ ...address, rejectUnauthorized: false }) : net.connect(address);
      socket.setNoDelay(true);
      let head = "";
      socket.on("data", (chunk) => {
        head += chunk.toString("latin1");
        if (head.endsWith("\r\n\r\n")) {
          if (!head.startsWith("HTTP/1.1 200")) {
            finish(new Error(`HEAD of ${url} is answered with ${head.split("\r\n")[0]}`));
            return;
          }
          head = "";
          answers++;
          socket.write(request);
        }
      });
      socket.on("error", finish);
      socket.on(secure ? "secureConnect" : "connect", () => socket.write(request));
      return socket;
    });
    const start = process.hrtime.bigint();
    const timer = setTimeout(() => finish(), seconds * 1000);

    function finish(error?: Error): void {
      clearTimeout(timer);
      for (const socket of sockets) {
        socket
          .removeAllListeners("data")
          .on("error", () => undefined)
          .destroy();
      }
      if (error) {
        reject(error);
      } else {
        resolve(answers / (Number(process.hrtime.bigint() - start) / 1e9));
      }
    }
  });
}
