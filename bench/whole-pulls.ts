import http from "node:http";
import https from "node:https";
import type { Contender } from "./contender";
import { ACCEPT } from "./load";

/** Layers that docker gets at a time. */
const AT_A_TIME = 3;

/**
 * Whole pulls a second of one client after the other, in the order of docker: the API's root, HEAD of the tag, the
 * manifest, its configuration and layers. Each begins with new connections; what it gets is counted and thrown away.
 */
export async function wholePullRate(contender: Contender, repository: string, seconds: number): Promise<number> {
  const start = process.hrtime.bigint();
  const elapsed = () => Number(process.hrtime.bigint() - start) / 1e9;
  let pulls = 0;
  while (elapsed() < seconds) {
    await pull(contender, `${contender.url}/v2/${repository}`);
    pulls++;
  }
  return pulls / elapsed();
}

async function pull(contender: Contender, url: string): Promise<void> {
  const isTls = url.startsWith("https:");
  const options = { keepAlive: true, maxSockets: AT_A_TIME };
  const agent = isTls ? new https.Agent({ ...options, rejectUnauthorized: false }) : new http.Agent(options);
  const get = (target: string, method = "GET") =>
    new Promise<string>((resolve, reject) => {
      const headers = { ...contender.headers, ...ACCEPT };
      const outgoing = (isTls ? https : http).request(target, { method, agent, headers }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () =>
          incoming.statusCode === 200
            ? resolve(Buffer.concat(chunks).toString())
            : reject(new Error(`${contender.name}: ${method} ${target}: ${incoming.statusCode}`)),
        );
      });
      outgoing.on("error", reject);
      outgoing.end();
    });
  try {
    await get(new URL("/v2/", url).href);
    await get(`${url}/manifests/1`, "HEAD");
    const { config, layers } = JSON.parse(await get(`${url}/manifests/1`));
    await Promise.all([config, ...layers].map(({ digest }) => get(`${url}/blobs/${digest}`)));
  } finally {
    agent.destroy();
  }
}
