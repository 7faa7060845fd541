import zlib from "node:zlib";
import { Neighbour } from "./neighbour";
import { bodyServer } from "./receiver";

/** Takes traces as OpenTelemetry's exporters send them over HTTP. */
export class TraceCollector extends Neighbour {
  /** Path and body of each request. In protobuf, names of services and spans stand as they are. */
  public readonly exports: { readonly path?: string; readonly text: string }[] = [];

  public constructor(port: number) {
    super(port, () =>
      bodyServer(({ url, headers }, body) => {
        const plain = headers["content-encoding"] === "gzip" ? zlib.gunzipSync(body) : body;
        this.exports.push({ path: url, text: plain.toString("latin1") });
      }),
    );
  }
}
