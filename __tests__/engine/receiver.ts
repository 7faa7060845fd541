import http from "node:http";

/** An event as it was told, and the headers of its POST. */
export interface Told {
  readonly id: string;
  readonly action: string;
  readonly repository: string;
  readonly tag?: string;
  readonly mediaType: string;
  readonly headers: http.IncomingHttpHeaders;
}

/** A receiver of a registry's notifications that can go away and come back. */
export class Receiver {
  public readonly events: Told[] = [];
  private server?: http.Server;

  public constructor(private readonly port: number) {}

  public async listen(): Promise<void> {
    const server = http.createServer((incoming, answer) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        for (const { id, action, target } of JSON.parse(Buffer.concat(chunks).toString()).events) {
          this.events.push({ id, action, ...target, headers: incoming.headers });
        }
        answer.end();
      });
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, "0.0.0.0", resolve));
  }

  public async close(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    if (server) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  public of(action: string): Told[] {
    return this.events.filter((event) => event.action === action);
  }
}
