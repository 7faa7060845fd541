import http from "node:http";
import https from "node:https";
import net from "node:net";

export interface Request {
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: Buffer | string;
  /** PEM of the certificate authority to trust, for https. */
  readonly ca?: string;
  /** Whom to talk to when it is not the URL's host: the URL goes on the wire as it stands. */
  readonly address?: string;
  readonly timeoutMs?: number;
  /** Keeps connections for the next request, for tests that ask many times. */
  readonly agent?: http.Agent;
}

export interface Response {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

/** One request with exactly the given headers, on a connection of its own without an agent; redirects are not followed. */
export function request(url: string, options: Request = {}): Promise<Response> {
  const { protocol, hostname, port } = new URL(url);
  const client = protocol === "https:" ? https : http;
  // Not URL's pathname: `new URL` would tidy up the `..` and `%2f` that some tests are about.
  const path = url.replace(/^[a-z]+:\/\/[^/]*/, "") || "/";
  return new Promise((resolve, reject) => {
    const outgoing = client.request(
      {
        host: options.address ?? hostname,
        // An IP address is not a name that SNI can carry; the certificate is then checked against the address.
        servername: net.isIP(hostname) ? "" : hostname,
        port: port || undefined,
        path,
        method: options.method ?? "GET",
        headers: { Host: port ? `${hostname}:${port}` : hostname, ...options.headers },
        ca: options.ca,
        agent: options.agent ?? false,
        timeout: options.timeoutMs ?? 30000,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const body = Buffer.concat(chunks);
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body, text: body.toString() });
        });
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer from ${url} in time`)));
    let isSecure = protocol !== "https:" || options.agent !== undefined;
    outgoing.on("socket", (socket) => {
      socket.once("secureConnect", () => {
        isSecure = true;
      });
    });
    outgoing.on("error", (error) => reject(Object.assign(error, { isBeforeRequest: !isSecure })));
    outgoing.end(options.body);
  });
}

/** A request to a name that has several addresses. */
export interface AnyRequest extends Request {
  /** @default - the one of `address`, or of the URL's host */
  readonly addresses?: string[];
}

/**
 * Asks at the next address where no connection comes about with the first, as clients of a name with several do: with TLS
 * that is one on which a request can be sent. A server that stops resets those that it has not taken yet.
 */
export async function requestOfAny(url: string, { addresses = [], ...options }: AnyRequest): Promise<Response> {
  for (const address of addresses.slice(0, -1)) {
    try {
      return await request(url, { ...options, address });
    } catch (error) {
      const { syscall, isBeforeRequest } = error as NodeJS.ErrnoException & { isBeforeRequest?: boolean };
      if (syscall !== "connect" && !isBeforeRequest) {
        throw error;
      }
    }
  }
  return request(url, addresses.length > 0 ? { ...options, address: addresses[addresses.length - 1] } : options);
}

export function basicAuth(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}
