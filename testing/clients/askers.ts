import http from "node:http";

/** Clients that ask by `HEAD` for the same content again and again, each over a connection that it keeps. */
export class Askers {
  private isStopped = false;
  private readonly agent: http.Agent;
  private readonly loops: Promise<void>[];

  public constructor(
    private readonly url: string,
    private readonly headers: http.OutgoingHttpHeaders,
    count: number,
  ) {
    this.agent = new http.Agent({ keepAlive: true, maxSockets: count });
    this.loops = Array.from({ length: count }, () => this.ask());
  }

  public async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.loops);
    this.agent.destroy();
  }

  private async ask(): Promise<void> {
    while (!this.isStopped) {
      await new Promise<void>((resolve, reject) => {
        const options = { method: "HEAD", agent: this.agent, headers: this.headers };
        http
          .request(this.url, options, (answer) => answer.resume().once("end", resolve))
          .once("error", reject)
          .end();
      });
    }
  }
}
