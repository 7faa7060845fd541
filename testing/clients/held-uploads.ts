import http from "node:http";

/** Uploads that are begun and sent no further, each of them a request in progress. */
export class HeldUploads {
  private readonly held: http.ClientRequest[];

  /** @param url where an upload was begun */
  public constructor(url: string, count: number, headers: http.OutgoingHttpHeaders) {
    const agent = new http.Agent({ maxSockets: count });
    this.held = Array.from({ length: count }, () => {
      const upload = http.request(url, { agent, method: "PATCH", headers: { ...headers, "Content-Length": 10 } });
      upload.on("error", () => {}).write("x");
      return upload;
    });
  }

  public abandon(): void {
    for (const upload of this.held) {
      upload.destroy();
    }
  }
}
