import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PublicEndpoint } from "../../lib";
import { Crane } from "../../testing/clients/clients";
import { request } from "../../testing/clients/http";
import { MiB, TestImage } from "../../testing/clients/images";
import { handshake, servedCertificate } from "../../testing/clients/openssl";
import { SlowPull, SlowPush, type Transfer } from "../../testing/clients/slow-transfer";
import { SteadyClient } from "../../testing/clients/steady-client";
import { Deployment } from "../../testing/machine/deployment";
import { processOf } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePort } from "../../testing/machine/ports";
import { type TlsAdjustments, tlsRegistry } from "../../testing/stacks/tls-registry-stack";

const PUSH_SIZE = 500 * MiB;
const CERTIFICATE = expect.stringMatching(/^tls_locally_signed_cert\.CA_Server_/);
const REQUEST = expect.stringMatching(/^tls_cert_request\.CA_Server_Request_/);
const WRITER = expect.stringMatching(/^docker_container\.Proxy_Config_Writer_/);

describe("a server certificate that is renewed while clients work", () => {
  let port: number;
  let deployment: Deployment;
  let image: TestImage;
  let ca: string;
  let caFile: string;

  const renew = (adjustments: TlsAdjustments) =>
    deployment.apply(tlsRegistry(PublicEndpoint.https({ host: "localhost", port }), adjustments));
  const containers = async () => [
    await processOf(`${deployment.id}-registry`),
    await processOf(`${deployment.id}-proxy`),
  ];
  const served = () => servedCertificate("127.0.0.1", port);

  beforeAll(async () => {
    port = await freePort();
    deployment = Deployment.of("renewal", tlsRegistry(PublicEndpoint.https({ host: "localhost", port })));
    await deployment.apply();
    ca = (await deployment.outputs()).ca_certificate as string;
    caFile = path.join(deployment.directory, "ca.crt");
    fs.writeFileSync(caFile, ca);
    image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [64 * MiB] });
    await new Crane(deployment.directory, { ca: caFile }).push(image.directory, `localhost:${port}/team/app:1`);
  });
  afterAll(() => deployment?.cleanUp());

  it.each<[string, TlsAdjustments, unknown[]]>([
    ["a shortened validity", { server: { validityDays: 30 } }, [CERTIFICATE]],
    ["another name", { server: { validityDays: 30, dnsNames: ["registry.example"] } }, [CERTIFICATE, REQUEST]],
  ])("is served within 10 s after %s, and no request, push or pull fails", async (what, adjustments, certificates) => {
    const before = { containers: await containers(), certificate: await served() };
    const repository = `https://localhost:${port}/v2/team/app`;
    const transfer: Transfer = { repository, size: PUSH_SIZE, ca, caFile };
    const session = path.join(deployment.directory, "session");
    await handshake(`127.0.0.1:${port}`, ["-tls1_2", "-sess_out", session]);

    const client = new SteadyClient(`${repository}/manifests/1`, {
      ca,
      address: "127.0.0.1",
      headers: { Accept: "application/vnd.oci.image.manifest.v1+json" },
    });
    const push = new SlowPush(transfer, what);
    const pull = new SlowPull({ ...transfer, size: image.layers[0].size }, image.layers[0].digest);
    await eventually(() => expect(Math.min(push.moved, pull.moved)).toBeGreaterThan(MiB), 10000);

    const { created, replaced, destroyed } = await renew(adjustments);
    const certificate = await eventually(async () => {
      const now = await served();
      expect(now.serialNumber).not.toBe(before.certificate.serialNumber);
      return now;
    }, 10000);
    await sleep(1000);
    expect([push.isDone, pull.isDone]).toEqual([false, false]);
    push.finish();
    pull.finish();

    expect(await pull.result).toBe(image.layers[0].digest);
    const pushed = await push.result;
    await client.stop();
    expect(client.failures).toEqual([]);
    expect(client.answered).toBeGreaterThan(40);
    expect((await request(`${repository}/blobs/${pushed}`, { method: "HEAD", ca, address: "127.0.0.1" })).status).toBe(
      200,
    );

    expect({ created, destroyed }).toEqual({ created: [], destroyed: [] });
    expect(new Set(replaced)).toEqual(new Set([...certificates, WRITER]));
    expect(await containers()).toEqual(before.containers);
    expect(certificate.valid_to).not.toBe(before.certificate.valid_to);
    const { output } = await handshake(`127.0.0.1:${port}`, ["-tls1_2", "-sess_in", session]);
    expect(output).toMatch(/^New, TLS/m);
  });

  it("has the names that were asked for, and nothing is left to do", async () => {
    expect((await served()).subjectaltname).toBe("DNS:localhost, DNS:registry.example");
    expect(await deployment.planIsEmpty()).toBe(true);
  });

  // A window as long as the validity, which no prop allows, stands for the day on which the window begins.
  it("is renewed by the next deploy once its renewal window has begun", async () => {
    const before = { containers: await containers(), certificate: await served() };
    const { replaced } = await renew({
      server: { validityDays: 30, dnsNames: ["registry.example"] },
      override: ({ resource }) => {
        resource.earlyRenewalHours = 30 * 24;
      },
    });
    expect(new Set(replaced)).toEqual(new Set([CERTIFICATE, WRITER]));
    await eventually(async () => {
      expect((await served()).serialNumber).not.toBe(before.certificate.serialNumber);
    }, 10000);
    expect(await containers()).toEqual(before.containers);
  });
});
