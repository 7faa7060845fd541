import { X509Certificate } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import { TerraformStack } from "cdktf";
import execa from "execa";
import { images } from "../../environments/images";
import { Certificate, type IProxyPart, PublicEndpoint } from "../../lib";
import { HttpsRegistryStack } from "../../stacks";
import { Crane } from "../../testing/clients/clients";
import { MiB, TestImage } from "../../testing/clients/images";
import { servedCertificate } from "../../testing/clients/openssl";
import { SteadyClient } from "../../testing/clients/steady-client";
import { Deployment, type StackFactory } from "../../testing/machine/deployment";
import { inspect, processOf } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { killProcesses } from "../../testing/machine/killing";
import { freePorts } from "../../testing/machine/ports";
import { removeDirectory } from "../../testing/machine/scratch";
import { AcmeClient, AcmeServer } from "../../testing/servers/acme-server";
import { daysFromNow, issue } from "../unit/tls/x509";

const SERVED_WITHIN_MS = 15000;

/** As docs/certificates.md has it: a folder in which the client leaves its answers, served at the port of the redirect. */
function challenges(folder: string): IProxyPart {
  return {
    bindToProxy(proxy) {
      const driverOpts = { type: "none", o: "bind", device: folder };
      const name = `${TerraformStack.of(proxy).node.id}-challenges`;
      const volume = new Volume(proxy, "Challenges", { name, driver: "local", driverOpts });
      return {
        nginx: { server: ["location /.well-known/acme-challenge/ { root /challenges; }"] },
        mounts: [{ volumeName: volume.name, containerPath: "/challenges", readOnly: true }],
      };
    },
  };
}

describe("a certificate that an ACME client keeps on the engine's machine", () => {
  let deployment: Deployment;
  let acme: AcmeServer;
  let lego: AcmeClient;
  let port: number;
  let redirectPort: number;
  let image: TestImage;
  let name: string;
  let pair: { chain: string; key: string };
  let version = 0;

  const folder = (...names: string[]) => path.join(deployment.directory, ...names);
  const served = async () => (await servedCertificate("127.0.0.1", port)).serialNumber;
  const current = () => new X509Certificate(pair.chain).serialNumber;
  /** More than once, as nginx's old workers answer for a moment beside the new ones. */
  const expectCurrentToBeServed = () =>
    eventually(async () => {
      for (let asked = 0; asked < 5; asked++) {
        expect(await served()).toBe(current());
      }
    }, SERVED_WITHIN_MS);
  const root = () => fs.readFileSync(acme.root, "utf8");
  const crane = () => new Crane(deployment.directory, { ca: acme.root });
  const follower = () => `${deployment.id}-proxy-certificate`;
  const problem = async () => {
    const check = (await inspect(follower())).Config.Healthcheck.Test[1];
    return (await execa("docker", ["exec", follower(), "sh", "-c", check], { reject: false })).stdout;
  };

  /** As certbot does: files of its own for each version, and links to them. */
  const keep = ({ chain, key }: { chain: string; key: string }) => {
    version++;
    for (const [file, text] of [
      ["privkey", key],
      ["fullchain", chain],
    ]) {
      fs.writeFileSync(folder("letsencrypt/archive/localhost", `${file}${version}.pem`), text, { mode: 0o600 });
      const link = folder("letsencrypt/live/localhost", `${file}.pem`);
      fs.rmSync(link, { force: true });
      fs.symlinkSync(`../../archive/localhost/${file}${version}.pem`, link);
    }
  };
  const stack: StackFactory = (app, id) =>
    new HttpsRegistryStack(app, id, {
      endpoint: PublicEndpoint.https({ host: "localhost", port }),
      images,
      protectData: false,
      certificate: (scope) =>
        Certificate.fromFolder(scope, "Certificate", { folder: folder("letsencrypt/live/localhost") }),
      proxy: { healthIntervalSeconds: 1, httpRedirectPort: redirectPort, parts: [challenges(folder("webroot"))] },
    });

  /** Pulls and requests on new connections, until what is meanwhile has ended; all of them have to succeed. */
  const underLoad = async <T>(meanwhile: () => Promise<T>): Promise<T> => {
    const client = new SteadyClient(`https://localhost:${port}/v2/team/app/manifests/1`, {
      ca: root(),
      address: "127.0.0.1",
      headers: { Accept: "application/vnd.oci.image.manifest.v1+json" },
    });
    let isOver = false;
    let pulls = 0;
    const pulling = [0, 1].map(async (n) => {
      while (!isOver) {
        await crane().pull(name, folder(`pulled-${n}`));
        removeDirectory(folder(`pulled-${n}`));
        pulls++;
      }
    });
    try {
      return await meanwhile();
    } finally {
      isOver = true;
      await Promise.all(pulling);
      await client.stop();
      expect(client.failures).toEqual([]);
      expect(client.answered).toBeGreaterThan(20);
      expect(pulls).toBeGreaterThan(2);
    }
  };

  beforeAll(async () => {
    [port, redirectPort] = await freePorts(2);
    deployment = Deployment.of("followed", stack);
    for (const made of ["acme", "webroot", "letsencrypt/archive/localhost", "letsencrypt/live/localhost"]) {
      fs.mkdirSync(folder(made), { recursive: true });
    }
    // As certbot has it: what is below is for root alone.
    fs.chmodSync(folder("letsencrypt/live"), 0o700);
    fs.chmodSync(folder("letsencrypt/archive"), 0o700);
    acme = await AcmeServer.start(folder("acme"), redirectPort);
    lego = new AcmeClient(folder("lego"), acme, "localhost");
    // The client's own server has the port, which the proxy publishes only when the certificate is there.
    const first = lego.order({ port: redirectPort }).then((got) => {
      pair = got;
      keep(pair);
    });
    await Promise.all([deployment.apply(), first]);
    image = await TestImage.create(folder("image"), { layers: [4 * MiB, MiB] });
    name = `localhost:${port}/team/app:1`;
    // crane speaks TLS to localhost where it has to.
    await crane().push(image.directory, name);
  });
  afterAll(async () => {
    acme?.stop();
    await deployment?.cleanUp();
  });

  it("is served, whole, though it came while the deploy was under way", async () => {
    const verified = await execa(
      "openssl",
      [
        ...["s_client", "-connect", `127.0.0.1:${port}`, "-servername", "localhost", "-verify_return_error"],
        ...["-verify_hostname", "localhost", "-CAfile", acme.root],
      ],
      { input: "" },
    );
    expect(verified.stdout).toContain("Verify return code: 0 (ok)");
    expect((await inspect(follower())).State.Health.Status).toBe("healthy");
  });

  it("is in no state and no plan, and its key is for the proxy alone", async () => {
    const body = pair.key.split("\n")[1];
    expect(deployment.state()).not.toContain(body);
    expect(JSON.stringify(await inspect(follower()))).not.toContain(body);
    const list = ["exec", `${deployment.id}-proxy`, "stat", "-L", "-c", "%a %u", "/certificates/current/server.key"];
    expect((await execa("docker", list)).stdout).toBe("400 65532");
  });

  it("is renewed through the proxy, and no pull and no new connection fails", async () => {
    const before = { serial: await served(), proxy: await processOf(`${deployment.id}-proxy`) };
    await underLoad(async () => {
      pair = await lego.renew({ webroot: folder("webroot") });
      keep(pair);
      await expectCurrentToBeServed();
    });
    expect(current()).not.toBe(before.serial);
    expect(await processOf(`${deployment.id}-proxy`)).toEqual(before.proxy);
  });

  it("waits for the second file of a renewal that is written in place", async () => {
    const before = current();
    const next = issue({ names: ["localhost"] });
    await underLoad(async () => {
      fs.writeFileSync(folder("letsencrypt/live/localhost/privkey.pem"), next.privateKeyPem);
      await eventually(async () => expect(await problem()).toContain("is not that of the first certificate"), 10000);
      expect(await served()).toBe(before);
      fs.writeFileSync(folder("letsencrypt/live/localhost/privkey.pem"), pair.key);
      await eventually(async () => expect(await problem()).toBe("followed"), 10000);
    });
    expect(await served()).toBe(before);
  });

  it.each<[string, () => { chain?: string; key?: string }, RegExp]>([
    [
      "a key of another certificate",
      () => ({ chain: pair.chain, key: issue().privateKeyPem }),
      /^the key in live\/localhost\/privkey.pem is not that of the first certificate/,
    ],
    [
      "no key",
      () => ({ chain: pair.chain }),
      /^there is no live\/localhost\/privkey.pem in .*letsencrypt: the certificate of before stays in use$/,
    ],
    [
      "a chain that is cut off",
      () => ({ chain: pair.chain.slice(0, 300), key: pair.key }),
      /fullchain.pem has no certificate in PEM/,
    ],
    [
      "an encrypted key",
      () => ({
        chain: pair.chain,
        key: "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
      }),
      /privkey.pem has no private key in PEM without a passphrase/,
    ],
    [
      "an issuer in the wrong place",
      () => {
        const [ca, other] = ["ca", "other"].map((subject) => issue({ subject, isCa: true, names: [] }));
        const server = issue({ names: ["localhost"], issuer: ca });
        return { chain: server.certificatePem + other.certificatePem, key: server.privateKeyPem };
      },
      /^certificate 1 in .*: the next one is not its issuer/,
    ],
    ["one that has expired", () => expired(), /^certificate 1 in .*: expired on /],
    [
      "one for another host",
      () => {
        const { certificatePem, privateKeyPem } = issue({ names: ["other.example"] });
        return { chain: certificatePem, key: privateKeyPem };
      },
      /^certificate 1 in .*: it is not for localhost/,
    ],
  ])("stays in use when the folder gets %s", async (_, bad, words) => {
    const before = current();
    const { chain, key } = bad();
    keep({ chain: chain ?? "", key: key ?? "" });
    if (key === undefined) {
      fs.rmSync(folder("letsencrypt/live/localhost/privkey.pem"));
    }
    await eventually(async () => expect(await problem()).toMatch(words), 10000);
    expect(await served()).toBe(before);
    expect((await execa("docker", ["logs", follower()], { all: true })).all).toContain(await problem());
  });

  it("says so by its health, and is followed again when the folder is right", async () => {
    await eventually(async () => {
      const { Health } = (await inspect(follower())).State;
      expect(Health.Status).toBe("unhealthy");
      expect(Health.Log.at(-1).Output).toMatch(/^certificate 1 .* not for localhost.*in use\n$/);
    }, 30000);
    await underLoad(async () => {
      pair = await lego.renew({ webroot: folder("webroot") });
      keep(pair);
      await expectCurrentToBeServed();
    });
    await eventually(async () => expect((await inspect(follower())).State.Health.Status).toBe("healthy"), 20000);
  });

  it.each([
    ["the proxy first", ["proxy", "proxy-certificate"]],
    ["its follower first", ["proxy-certificate", "proxy"]],
  ])("is served again by itself after both processes were killed while the folder had no key, %s", async (_, order) => {
    const before = current();
    fs.rmSync(folder("letsencrypt/live/localhost/privkey.pem"));
    await killProcesses(
      order.map((one) => `${deployment.id}-${one}`),
      0.4,
    );
    await eventually(async () => expect(await served()).toBe(before), 20000);
    keep(pair);
    await eventually(async () => expect(await problem()).toBe("followed"), 10000);
  });

  it("has nothing to change, and is destroyed without a trace", async () => {
    expect(await deployment.planIsEmpty()).toBe(true);
    await deployment.destroy();
    expect(await deployment.leftovers()).toEqual([]);
  });
});

function expired(): { chain: string; key: string } {
  const { certificatePem, privateKeyPem } = issue({
    names: ["localhost"],
    notBefore: daysFromNow(-30),
    notAfter: daysFromNow(-1),
  });
  return { chain: certificatePem, key: privateKeyPem };
}
