import path from "node:path";
import { Crane } from "../../testing/clients/clients";
import { request } from "../../testing/clients/http";
import { TestImage } from "../../testing/clients/images";
import { Deployment } from "../../testing/machine/deployment";
import { eventually } from "../../testing/machine/eventually";
import { freePorts } from "../../testing/machine/ports";
import { runName } from "../../testing/machine/scratch";
import { networkToMachine } from "../../testing/servers/neighbour";
import { Receiver } from "../../testing/servers/receiver";
import { composedRegistry, VERSIONS } from "../../testing/stacks/registry-stack";
import { secretVariable } from "../../testing/stacks/secret-variable";

describe.each(Object.entries(VERSIONS))("notifications of a registry of %s", (_, registryImage) => {
  const word = `notes${registryImage.majorVersion}`;
  const network = `${runName(word)}-receivers`;
  let host: string;
  let deployment: Deployment;
  let receiver: Receiver;
  let crane: Crane;
  let image: TestImage;

  beforeAll(async () => {
    const [port, receiverPort] = await freePorts(2);
    host = `localhost:${port}`;
    const machine = await networkToMachine(network);
    receiver = new Receiver(receiverPort);
    await receiver.listen();
    deployment = Deployment.of(
      word,
      composedRegistry(port, (stack) => ({
        image: registryImage,
        networkNames: [network],
        notifications: [
          {
            name: "audit",
            url: `http://${machine}:${receiverPort}/events`,
            headers: { Authorization: [`Bearer ${secretVariable(stack, "token")}`], "X-Team": ["platform"] },
            timeoutMs: 500,
            threshold: 3,
            backoffMs: 500,
            ignoredMediaTypes: ["application/octet-stream"],
          },
        ],
      })),
      { env: { TF_VAR_token: "of news" } },
    );
    await deployment.apply();
    crane = new Crane(deployment.directory);
    image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [1000, 2000] });
  });
  afterAll(async () => {
    await receiver?.close();
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
    await new Promise((resolve) => setTimeout(resolve, 30000));
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
