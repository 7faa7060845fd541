import type http from "node:http";
import path from "node:path";
import type { TerraformStack } from "cdktf";
import execa from "execa";
import { images } from "../../environments/images";
import { NginxProxy, PublicEndpoint } from "../../lib";
import { Crane } from "../../testing/clients/clients";
import { request } from "../../testing/clients/http";
import { TestImage } from "../../testing/clients/images";
import { Deployment } from "../../testing/machine/deployment";
import { eventually } from "../../testing/machine/eventually";
import { freePorts } from "../../testing/machine/ports";
import { runName } from "../../testing/machine/scratch";
import { Neighbour, networkToMachine } from "../../testing/servers/neighbour";
import { bodyServer, Receiver } from "../../testing/servers/receiver";
import { composedRegistry, VERSIONS } from "../../testing/stacks/adjusted-registry";
import { secretVariable } from "../../testing/stacks/secret-variable";
import { ExistingRegistry } from "../unit/proxy/existing-registry";

describe.each(Object.entries(VERSIONS))("notifications of a registry of %s", (_, registryImage) => {
  const word = `notes${registryImage.majorVersion}`;
  const network = `${runName(word)}-receivers`;
  let host: string;
  let deployment: Deployment;
  let receiver: Receiver;
  let upstream: Neighbour;
  const asked: http.IncomingHttpHeaders[] = [];
  let crane: Crane;
  let image: TestImage;

  /** A request from a container beside a proxy, whose address is the one that nginx sees; returns that. */
  const askFrom = async (proxy: string, where: string, ...options: string[]) => {
    const { stdout } = await execa("docker", [
      ...["run", "--rm", `--network=${proxy}`, "--entrypoint=sh", images.nginx.reference, "-c"],
      'hostname -i && exec curl --silent --show-error --fail --output /dev/null "$@"',
      ...["sh", ...options, `http://${proxy}:8080${where}`],
    ]);
    return stdout.trim();
  };

  beforeAll(async () => {
    const [port, receiverPort, otherPort, upstreamPort] = await freePorts(4);
    host = `localhost:${port}`;
    const machine = await networkToMachine(network);
    receiver = new Receiver(receiverPort);
    await receiver.listen();
    upstream = new Neighbour(upstreamPort, () => bodyServer(({ headers }) => asked.push(headers)));
    await upstream.listen();
    // Another proxy, whose registry writes down how it is asked.
    const addProxy = (scope: TerraformStack) =>
      new NginxProxy(scope, "Other", {
        image: images.nginx,
        endpoint: PublicEndpoint.http({ host: "localhost", port: otherPort }),
        registry: new ExistingRegistry(
          scope,
          { address: `${machine}:${upstreamPort}`, networkNames: [network] },
          "Asked",
        ),
      });
    deployment = Deployment.of(
      word,
      composedRegistry(port, (scope) => {
        addProxy(scope);
        return {
          image: registryImage,
          networkNames: [network],
          notifications: [
            {
              name: "audit",
              url: `http://${machine}:${receiverPort}/events`,
              headers: { Authorization: [`Bearer ${secretVariable(scope, "token")}`], "X-Team": ["platform"] },
              timeoutMs: 500,
              threshold: 3,
              backoffMs: 500,
              ignoredMediaTypes: ["application/octet-stream"],
            },
          ],
        };
      }),
      { env: { TF_VAR_token: "of news" } },
    );
    await deployment.apply();
    crane = new Crane(deployment.directory);
    image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [1000, 2000] });
  });
  afterAll(async () => {
    await receiver?.close();
    await upstream?.close();
    await deployment?.cleanUp();
  });

  it("tell of a push, a pull and a delete once each, with the headers", async () => {
    const name = `${host}/team/app`;
    await crane.push(image.directory, `${name}:1`);
    await request(`http://${name.replace("/team", "/v2/team")}/manifests/1`, {
      address: "127.0.0.1",
      headers: { Accept: "application/vnd.oci.image.manifest.v1+json" },
    });
    await request(`http://${name.replace("/team", "/v2/team")}/manifests/${image.manifest.digest}`, {
      address: "127.0.0.1",
      method: "DELETE",
    });
    await eventually(() => expect(receiver.of("delete").length).toBeGreaterThan(0), 10000);
    expect(receiver.of("push")).toHaveLength(1);
    expect(receiver.of("pull")).toHaveLength(1);
    expect(receiver.of("push")[0]).toMatchObject({ repository: "team/app", tag: "1" });
    // A tag that goes with its manifest is an event of its own.
    expect(receiver.of("delete").filter(({ tag }) => tag === undefined)).toHaveLength(1);
    for (const { headers } of receiver.events) {
      expect(headers).toMatchObject({
        authorization: "Bearer of news",
        "x-team": "platform",
        "content-type": `application/vnd.docker.distribution.events.v${registryImage.majorVersion - 1}+json`,
      });
    }
  });

  it("tell who it was, behind the proxy", async () => {
    const accept = "Accept: application/vnd.oci.image.manifest.v1+json";
    await crane.push(image.directory, `${host}/team/asked:1`);
    const client = await askFrom(`${deployment.id}-proxy`, "/v2/team/asked/manifests/1", "--header", accept);
    const pulls = () => receiver.of("pull").filter(({ repository }) => repository === "team/asked");
    await eventually(() => expect(pulls()).toHaveLength(1), 10000);
    expect(pulls()[0].address).toBe(client);
  });

  it("could tell no more than the proxy does: the client's address and the scheme", async () => {
    const client = await askFrom(
      `${deployment.id}-other`,
      "/v2/team/asked/tags/list",
      "--header",
      "Host: localhost:1234",
    );
    expect(asked.filter(({ host }) => host === "localhost:1234")).toEqual([
      expect.objectContaining({
        "x-real-ip": client,
        "x-forwarded-for": client,
        "x-forwarded-proto": "http",
      }),
    ]);
  });

  it("are kept while the receiver is down, and slow no push down", async () => {
    const push = async (tag: string) => {
      const started = Date.now();
      await crane.push(image.directory, `${host}/team/slow:${tag}`);
      return Date.now() - started;
    };
    await push("first");
    const normal = [await push("a"), await push("b"), await push("c")];
    await receiver.close();
    const down = [await push("d"), await push("e"), await push("f")];
    await new Promise((resolve) => setTimeout(resolve, 10000));
    await receiver.listen();

    const told = () => receiver.of("push").filter(({ repository }) => repository === "team/slow");
    const tags = ["a", "b", "c", "d", "e", "f", "first"];
    await eventually(
      () =>
        expect(
          told()
            .map(({ tag }) => tag)
            .sort(),
        ).toEqual(tags),
      15000,
    );
    expect(new Set(receiver.events.map(({ id }) => id)).size).toBe(receiver.events.length);
    console.info(`version ${registryImage.majorVersion}: pushes ${normal} ms, with the receiver down ${down} ms`);
    expect(Math.min(...down)).toBeLessThan(2 * Math.max(...normal) + 100);
  });
});
