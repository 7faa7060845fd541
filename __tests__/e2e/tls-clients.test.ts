import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { images } from "../../environments/images";
import { PublicEndpoint } from "../../lib";
import { HttpsRegistryStack } from "../../stacks";
import { Crane, DockerClient, Skopeo } from "../../testing/clients/clients";
import { digestsBelow, MiB, TestImage } from "../../testing/clients/images";
import { handshake } from "../../testing/clients/openssl";
import { Deployment } from "../../testing/machine/deployment";
import { engineAddress, HostName, trustInEngine } from "../../testing/machine/engine-host";
import { freePort } from "../../testing/machine/ports";
import { removeDirectory } from "../../testing/machine/scratch";

/**
 * The registry is published on the engine's bridge and not on 127.0.0.1: docker takes every name that resolves to
 * 127.0.0.0/8 for an insecure registry and would verify nothing.
 */
describe("a client that was given the CA's certificate and nothing else", () => {
  let deployment: Deployment;
  let image: TestImage;
  let ca: string;
  let port: number;
  let name: HostName;
  let docker: DockerClient;

  const address = engineAddress();
  const host = () => `${name.host}:${port}`;

  beforeAll(async () => {
    port = await freePort();
    deployment = Deployment.of("clients", (app, id) => {
      return new HttpsRegistryStack(app, id, {
        endpoint: PublicEndpoint.https({ host: `${id}.example`, port, publishAddress: address }),
        alternativeNames: [address, "127.0.0.1", "::1", "*.registry.example", "registry.example"],
        images,
        protectData: false,
      });
    });
    docker = new DockerClient(deployment.directory);
    name = new HostName(`${deployment.id}.example`, address);
    name.add();
    await deployment.apply();
    ca = path.join(deployment.directory, "ca.crt");
    fs.writeFileSync(ca, (await deployment.outputs()).ca_certificate as string);
    image = await TestImage.create(path.join(deployment.directory, "image"), { layers: [3 * MiB, MiB] });
  });
  afterAll(async () => {
    name?.remove();
    await deployment?.cleanUp();
  });

  const expectAllBlobs = async (pulled: string) => {
    const digests = await digestsBelow(pulled);
    removeDirectory(pulled);
    expect(image.blobs.filter(({ digest }) => !digests.has(digest))).toEqual([]);
  };

  describe("openssl", () => {
    const at = () => `${address}:${port}`;
    const verified = (...check: string[]) => handshake(at(), ["-CAfile", ca, "-verify_return_error", ...check]);

    it.each([
      ["the endpoint's name", () => ["-verify_hostname", name.host]],
      ["another name", () => ["-verify_hostname", "registry.example"]],
      ["a name of the wildcard", () => ["-verify_hostname", "eu.registry.example"]],
      ["the address", () => ["-verify_ip", address]],
      ["another address", () => ["-verify_ip", "127.0.0.1"]],
      ["an IPv6 address", () => ["-verify_ip", "::1"]],
    ])("takes %s", async (_, check) => {
      const { ok, output } = await verified(...check());
      expect(ok ? "" : output).toBe("");
      expect(output).toContain("Verify return code: 0 (ok)");
    });

    it.each([
      ["another name", () => ["-verify_hostname", "other.example"]],
      ["two labels below the wildcard", () => ["-verify_hostname", "a.b.registry.example"]],
      ["another address", () => ["-verify_ip", "192.0.2.77"]],
    ])("refuses %s", async (_, check) => {
      expect((await verified(...check())).output).toMatch(/verify error:num=6[24]:(hostname|IP address) mismatch/);
    });

    it("refuses it without the CA", async () => {
      const { output } = await handshake(at(), ["-no-CAfile", "-no-CApath", "-no-CAstore", "-verify_return_error"]);
      expect(output).toContain("unable to get local issuer certificate");
    });

    it("finds nothing to object to in CA and certificate, at the strictest", async () => {
      const { stdout } = await execa("openssl", ["s_client", "-connect", at(), "-showcerts"], { input: "" });
      const server = path.join(deployment.directory, "server.crt");
      fs.writeFileSync(server, /-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/.exec(stdout)?.[0] ?? "");
      const strict = ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", ca, server];
      expect((await execa("openssl", strict)).stdout).toContain(": OK");
    });
  });

  describe("curl", () => {
    const curl = (url: string, ...trust: string[]) =>
      execa("curl", ["--silent", "--show-error", "--fail", "--max-time", "10", ...trust, url], { reject: false });

    it("reads the API by name and by address", async () => {
      const byName = await curl(`https://${host()}/v2/`, "--cacert", ca, "--resolve", `${host()}:${address}`);
      expect(byName).toMatchObject({ exitCode: 0, stdout: "{}" });
      expect(await curl(`https://${address}:${port}/v2/`, "--cacert", ca)).toMatchObject({ exitCode: 0, stdout: "{}" });
    });

    it("refuses it without the CA", async () => {
      expect(await curl(`https://${address}:${port}/v2/`)).toMatchObject({ exitCode: 60 });
    });
  });

  describe("crane", () => {
    it("pushes and pulls with SSL_CERT_FILE", async () => {
      const crane = new Crane(deployment.directory, { ca });
      const pulled = path.join(deployment.directory, "crane-pulled");
      await crane.push(image.directory, `${address}:${port}/by/crane:1`);
      await crane.pull(`${address}:${port}/by/crane:1`, pulled);
      await expectAllBlobs(pulled);
    });

    it("refuses it without the CA", async () => {
      const crane = new Crane(deployment.directory);
      await expect(crane.run(["catalog", `${address}:${port}`])).rejects.toThrow(/unknown authority/);
    });
  });

  describe("skopeo", () => {
    it("pushes and pulls with --cert-dir", async () => {
      const certificates = path.join(deployment.directory, "certs.d");
      fs.mkdirSync(certificates);
      fs.copyFileSync(ca, path.join(certificates, "ca.crt"));
      const skopeo = new Skopeo(deployment.directory, { certificates });
      const pulled = path.join(deployment.directory, "skopeo-pulled");
      await skopeo.push(image.directory, `${address}:${port}/by/skopeo:1`);
      await skopeo.pull(`${address}:${port}/by/skopeo:1`, pulled);
      await expectAllBlobs(pulled);
    });

    it("refuses it without the CA", async () => {
      const skopeo = new Skopeo(deployment.directory);
      const inspect = ["inspect", `docker://${address}:${port}/by/skopeo:1`];
      await expect(skopeo.run(inspect)).rejects.toThrow(/unknown authority/);
    });
  });

  // The engine reads the CA from a folder that only root can write to, and the name from /etc/hosts.
  describe("docker (needs root, for certs.d)", () => {
    describe.each([
      ["name", host],
      ["address", () => `${address}:${port}`],
    ])("by %s", (_, at) => {
      const reference = () => `${at()}/by/docker:1`;

      it("refuses it without the CA", async () => {
        await expect(docker.pull(reference())).rejects.toThrow(/x509: certificate signed by unknown authority/);
      });

      it("logs in, pushes and pulls with certs.d/<host>/ca.crt, without a restart of the engine", async () => {
        const distrust = trustInEngine(at(), ca);
        try {
          // There are no users yet: the engine asks, over TLS, and takes the 200 for an answer.
          expect(await docker.login(at(), { user: "anybody", password: "anything" })).toContain("Login Succeeded");
          await image.load(reference());
          await docker.push(reference());
          await docker.remove(reference());
          await docker.pull(reference());
          expect(await docker.imageId(reference())).toBe(image.config.digest);
        } finally {
          distrust();
          await docker.remove(reference());
        }
      });
    });
  });
});
