import execa from "execa";
import { images } from "../../environments/images";
import { inspect } from "../machine/engine-objects";
import { freePorts } from "../machine/ports";

/** Where they listen, inside their containers. */
const PORT = 8001;
const PAST_BALANCER = 8002;

/** The proxy's own port. */
const PROXY_PORT = 8080;

/** A client with an address of its own on the proxy's network; the test sends by it what it wants sent. */
export interface ClientBeside {
  readonly address: string;
  /** Where the test asks the balancer, as this client. */
  readonly balanced: string;
  /** Where it asks the proxy itself. */
  readonly direct: string;
}

/**
 * A balancer of HTTP as others run it, an nginx with an address of its own in front of a deployed proxy. It adds its client's
 * address to `X-Forwarded-For`.
 */
export class Balancer {
  /** @param id of the deployment, with which everything goes again */
  public static async inFrontOf(id: string): Promise<Balancer> {
    const name = `${id}-balancer`;
    const added = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";
    await run(id, name, server(PORT, `${id}-proxy:${PROXY_PORT}`, added), []);
    return new Balancer(id, await addressOf(name));
  }

  private constructor(
    private readonly id: string,
    public readonly address: string,
  ) {}

  /** What a client sends goes on as it is, its own `X-Forwarded-For` too. */
  public async client(word: string): Promise<ClientBeside> {
    const name = `${this.id}-${word}`;
    const [balanced, direct] = await freePorts(2);
    await run(
      this.id,
      name,
      [...server(PORT, `${this.address}:${PORT}`), ...server(PAST_BALANCER, `${this.id}-proxy:${PROXY_PORT}`)],
      [`--publish=127.0.0.1:${balanced}:${PORT}`, `--publish=127.0.0.1:${direct}:${PAST_BALANCER}`],
    );
    const at = (port: number) => `http://127.0.0.1:${port}`;
    return { address: await addressOf(name), balanced: at(balanced), direct: at(direct) };
  }
}

function server(port: number, target: string, ...more: string[]): string[] {
  return [
    `server { listen ${port}; location / { proxy_pass http://${target}; proxy_http_version 1.1;`,
    "proxy_set_header Connection ''; proxy_set_header Host $http_host; proxy_request_buffering off;",
    ...more,
    "} }",
  ];
}

async function run(id: string, name: string, servers: string[], options: string[]): Promise<void> {
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((one) => `${one}_temp_path /tmp/${one};`);
  const conf = [
    "pid /tmp/nginx.pid; events { worker_connections 1024; }",
    `http { access_log off; client_max_body_size 0; ${folders.join(" ")}`,
    ...servers,
    "}",
  ].join("\n");
  const start = `printf %s "$CONF" >/tmp/nginx.conf && exec nginx -e stderr -c /tmp/nginx.conf -g 'daemon off;'`;
  await execa("docker", [
    ...["run", "--detach", `--name=${name}`, `--network=${id}-proxy`, "--user=65532:65532", `--env=CONF=${conf}`],
    ...[...options, "--entrypoint=/bin/sh", images.nginx.reference, "-c", start],
  ]);
}

async function addressOf(container: string): Promise<string> {
  const { NetworkSettings } = await inspect(container);
  const [network] = Object.values<{ IPAddress: string }>(NetworkSettings.Networks);
  return network.IPAddress;
}
