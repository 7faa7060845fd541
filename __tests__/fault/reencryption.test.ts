import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { images } from "../../environments/images";
import { type IssuedCertificate, PublicEndpoint, SelfSignedCA } from "../../lib";
import { ReencryptedRegistryStack } from "../../stacks";
import { configFiles } from "../../testing/checks/config-files";
import { takenOver } from "../../testing/checks/taken-over";
import { Crane } from "../../testing/clients/clients";
import { request } from "../../testing/clients/http";
import { digestsBelow, MiB, TestImage } from "../../testing/clients/images";
import { SteadyClient } from "../../testing/clients/steady-client";
import { Deployment, type StackFactory } from "../../testing/machine/deployment";
import { inspect, processOf } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePort } from "../../testing/machine/ports";
import { privateRegistryOf } from "../../testing/stacks/private-registry";
import { expectAnotherAddressToBeFound, expectProxyToStartAlone } from "../../testing/stacks/proxy-alone";

type Tampering = (certificate: IssuedCertificate, stack: ReencryptedRegistryStack) => void;

describe("a proxy that encrypts the way to its registry", () => {
  let port: number;
  let deployment: Deployment;
  let ca: string;

  /** The stack as it is shipped, but for the registry's own certificate. */
  const reencrypted = (tamper?: Tampering): StackFactory => {
    return (app, id) => {
      const stack = new ReencryptedRegistryStack(app, id, {
        endpoint: PublicEndpoint.https({ host: "localhost", port }),
        images,
        protectData: false,
      });
      tamper?.(privateRegistryOf(stack).ca?.node.findChild("Registry") as IssuedCertificate, stack);
      return stack;
    };
  };

  const proxy = () => processOf(`${deployment.id}-proxy`);
  const health = async (name: string) => (await inspect(`${deployment.id}-${name}`)).State.Health.Status;
  const lastCheck = async () => (await inspect(`${deployment.id}-proxy`)).State.Health.Log.at(-1)?.Output;
  /** What the proxy does not answer by itself. */
  const catalog = () => `https://localhost:${port}/v2/_catalog`;
  const ask = () => request(catalog(), { address: "127.0.0.1", ca });
  const logSince = async (since: string) => {
    const { all } = await execa("docker", ["logs", "--since", since, `${deployment.id}-proxy`], { all: true });
    return all ?? "";
  };
  /** From a container beside the registry. */
  const curlInside = (...args: string[]) => {
    const run = ["run", "--rm", `--network=${deployment.id}-registry`, "--entrypoint=curl", images.nginx.reference];
    return execa("docker", [...run, "--silent", "--show-error", ...args], { reject: false, all: true });
  };

  beforeAll(async () => {
    port = await freePort();
    deployment = Deployment.of("reencrypt", reencrypted());
    await deployment.apply();
    ca = (await deployment.outputs()).ca_certificate as string;
  });
  afterAll(() => deployment?.cleanUp());

  it("takes and gives an image", async () => {
    const caFile = path.join(deployment.directory, "ca.crt");
    fs.writeFileSync(caFile, ca);
    const image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [8 * MiB, MiB] });
    const crane = new Crane(deployment.directory, { ca: caFile });
    const pulled = path.join(deployment.directory, "pulled");
    await crane.push(image.directory, `localhost:${port}/team/app:1`);
    await crane.pull(`localhost:${port}/team/app:1`, pulled);
    const digests = await digestsBelow(pulled);
    expect(image.blobs.filter(({ digest }) => !digests.has(digest))).toEqual([]);
  });

  it("leaves no way to the registry in clear", async () => {
    const registry = `${deployment.id}-registry:5000`;
    const clear = await curlInside(`http://${registry}/v2/`);
    expect(clear.stdout).toContain("Client sent an HTTP request to an HTTPS server");
    const old = await curlInside(
      "--insecure",
      "--tls-max",
      "1.1",
      "--ciphers",
      "ALL@SECLEVEL=0",
      `https://${registry}/`,
    );
    expect(old.all).toContain("protocol version");
    expect((await curlInside("--insecure", `https://${registry}/v2/`)).stdout).toBe("{}");
  });

  it("keeps the registry's key readable for the registry's user only", async () => {
    expect(await configFiles(`${deployment.id}-registry-config`)).toEqual([
      "400 65532:65532 config.yml",
      "400 65532:65532 tls/registry.crt",
      "400 65532:65532 tls/registry.key",
      "500 65532:65532 bin/watch-disk",
    ]);
  });

  it.each<[string, Tampering, RegExp]>([
    [
      "that another CA issued",
      ({ resource }, stack) => {
        const impostor = new SelfSignedCA(stack, "Impostor", { commonName: "Impostor" });
        resource.caCertPem = impostor.certificatePem;
        resource.caPrivateKeyPem = impostor.privateKey.privateKeyPem;
      },
      /upstream SSL certificate verify error: \(\d+:unable to .*\) while SSL handshaking to upstream/,
    ],
    [
      "that its own CA issued for another name",
      (certificate) => {
        certificate.request.dnsNames = ["other.example"];
        certificate.request.putSubject([{ commonName: "other.example" }]);
      },
      /upstream SSL certificate does not match "[^"]+-registry" while SSL handshaking to upstream/,
    ],
  ])("refuses an upstream with a certificate %s, and says so", async (_, tampering, line) => {
    const before = await proxy();
    const since = new Date().toISOString();
    await deployment.apply(reencrypted(tampering));
    await takenOver(`${deployment.id}-registry`);
    // The registry itself is well, and who asks it without a proxy gets an answer.
    await eventually(async () => expect(await health("registry")).toBe("healthy"), 20000);

    for (let i = 0; i < 10; i++) {
      expect(await ask()).toMatchObject({
        status: 502,
        headers: { "docker-distribution-api-version": "registry/2.0" },
      });
    }
    await eventually(async () => expect(await logSince(since)).toMatch(line), 5000);
    expect(await proxy()).toEqual(before);
  });

  it("tells in the proxy's health that only pulls go on, until the registry has its own certificate back", async () => {
    const before = await proxy();
    await eventually(async () => expect(await lastCheck()).toContain("pulls only"), 40000);
    expect(await health("proxy")).toBe("healthy");
    await deployment.apply(reencrypted());
    await eventually(async () => expect((await ask()).status).toBe(200), 10000);
    await eventually(async () => expect(await lastCheck()).not.toContain("pulls only"), 20000);
    expect(await proxy()).toEqual(before);
  });

  // The registry reads its certificate at its start only: unlike the proxy's, its renewal takes another process.
  it("serves again by itself after the registry's certificate was renewed", async () => {
    const before = [await proxy(), await processOf(`${deployment.id}-registry`)];
    const client = new SteadyClient(catalog(), { ca, address: "127.0.0.1" });
    await deployment.apply(
      reencrypted(({ resource }) => {
        resource.validityPeriodHours = 100 * 24;
      }),
    );
    await takenOver(`${deployment.id}-registry`);
    await eventually(async () => expect((await ask()).status).toBe(200), 10000);
    for (let i = 0; i < 20; i++) {
      expect((await ask()).status).toBe(200);
    }
    await client.stop();
    expect(client.failingMs).toBeLessThan(10000);
    expect([await proxy(), await processOf(`${deployment.id}-registry`)]).toEqual(before);
  });

  it("finds a registry that was made anew and has another address", () =>
    expectAnotherAddressToBeFound(deployment, async () => (await ask()).status));

  it("starts without its registry and finds it when it is there", () =>
    expectProxyToStartAlone(deployment, async () => (await ask()).status));
});
