import http from "node:http";
import { Neighbour } from "./neighbour";

/** An event as it was told, and the headers of its POST. */
export interface Told {
  readonly id: string;
  readonly action: string;
  readonly repository: string;
  readonly tag?: string;
  readonly mediaType: string;
  /** The client, as the registry knows it. */
  readonly address: string;
  /** The user, as far as the registry knows one. */
  readonly actor?: string;
  readonly headers: http.IncomingHttpHeaders;
}

/** A receiver of a registry's notifications that can go away and come back. */
export class Receiver extends Neighbour {
  public readonly events: Told[] = [];

  public constructor(port: number) {
    super(port, () =>
      bodyServer(({ headers }, body) => {
        for (const { id, action, target, request, actor } of JSON.parse(body.toString()).events) {
          this.events.push({ id, action, ...target, address: request.addr, actor: actor?.name, headers });
        }
      }),
    );
  }

  public of(action: string): Told[] {
    return this.events.filter((event) => event.action === action);
  }
}

/** Answers each request with 200 when its body was taken. */
export function bodyServer(take: (incoming: http.IncomingMessage, body: Buffer) => void): http.Server {
  return http.createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      take(incoming, Buffer.concat(chunks));
      answer.end();
    });
  });
}
