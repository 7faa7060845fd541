import fs from "node:fs";
import path from "node:path";
import { LocalProvider } from "@cdktf/provider-local/lib/provider";
import { TlsProvider } from "@cdktf/provider-tls/lib/provider";
import { type App, TerraformOutput, TerraformStack } from "cdktf";
import execa from "execa";
import { aptInstall, debianSources } from "../../bootstrap/apt";
import { isInstalled } from "../../bootstrap/command";
import { ClientTrust, type IssueCertificateProps, KeyAlgorithm, PublicEndpoint, SelfSignedCA } from "../../lib";
import { Deployment, type StackFactory } from "../../testing/machine/deployment";

const HOST = "registry.example.com";
const endpoint = PublicEndpoint.https({ host: HOST, port: 5444 });

interface Adjustments {
  readonly server?: IssueCertificateProps;
  /** As if the last quarter of the certificate's life had begun. */
  readonly isDue?: "server" | "CA";
}

/** Certificates and the clients' folder, without a registry. */
function certificates({ server, isDue }: Adjustments = {}): StackFactory {
  return (app: App, id: string) => {
    const stack = new TerraformStack(app, id);
    new TlsProvider(stack, "Tls");
    new LocalProvider(stack, "Local");
    const ca = new SelfSignedCA(stack, "CA", { commonName: "Example registry CA" });
    const issued = ca.issueCertificate("Server", { endpoint, ipAddresses: ["192.0.2.7", "2001:db8::7"], ...server });
    if (isDue === "server") {
      issued.resource.addOverride("early_renewal_hours", 365 * 24);
    }
    if (isDue === "CA") {
      ca.resource.addOverride("early_renewal_hours", 3650 * 24);
    }
    new ClientTrust(stack, "ClientTrust", { endpoint, caCertificatePem: ca.certificatePem, directory: "trust" });
    new ClientTrust(stack, "Plain", { endpoint: PublicEndpoint.http({ host: HOST, port: 5080 }), directory: "plain" });
    const outputs = { ca: ca.certificatePem, server: issued.certificateChainPem, expires_at: issued.expiresAt };
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(stack, name, { value });
    }
    return stack;
  };
}

let deployment: Deployment;
let planned: string;

const file = (name: string) => path.join(deployment.directory, name);

/** The certificates as they are now, in files for openssl. */
async function writeCertificates(suffix = ""): Promise<void> {
  const outputs = await deployment.outputs();
  fs.writeFileSync(file(`ca${suffix}.pem`), outputs.ca as string);
  fs.writeFileSync(file(`server${suffix}.pem`), outputs.server as string);
}

const openssl = async (...args: string[]) => (await execa("openssl", args, { cwd: deployment.directory })).stdout;

const verify = (ca: string, server: string, ...args: string[]) =>
  openssl("verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", ca, ...args, server);

beforeAll(async () => {
  deployment = Deployment.of("trust", certificates());
  planned = (await deployment.plan()).text;
  await deployment.apply();
  await writeCertificates();
});
afterAll(() => deployment?.cleanUp());

describe("certificates of an own CA", () => {
  test.each([
    ["-verify_hostname", HOST],
    ["-verify_ip", "192.0.2.7"],
    ["-verify_ip", "2001:db8::7"],
  ])("pass the strict checks of openssl for %s %s", async (option, name) => {
    expect(await verify("ca.pem", "server.pem", option, name)).toContain("server.pem: OK");
  });

  test("carry what RFC 5280 asks of a CA and of a server", async () => {
    const all = "basicConstraints,keyUsage,extendedKeyUsage,subjectKeyIdentifier,authorityKeyIdentifier";
    const ca = await openssl("x509", "-in", "ca.pem", "-noout", "-ext", all);
    expect(ca).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
    expect(ca).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:1/);
    const server = await openssl("x509", "-in", "server.pem", "-noout", "-ext", all);
    expect(server).toMatch(/Key Usage: critical\s+Digital Signature\s+X509v3 Extended/);
    expect(server).toMatch(/Extended Key Usage:\s+TLS Web Server Authentication/);
    expect(server).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    const keyId = (text: string, whose: string) =>
      new RegExp(`${whose} Key Identifier:\\s+([0-9A-F:]+)`).exec(text)?.[1];
    expect(keyId(server, "Authority")).toBe(keyId(ca, "Subject"));
  });

  test("show no private key in the plan, and the next plan is empty", async () => {
    expect(planned).not.toContain("PRIVATE KEY");
    expect(planned).toMatch(/private_key_pem\s+= \(sensitive value\)/);
    expect(await deployment.planIsEmpty()).toBe(true);
  });

  const named = (addresses: string[]) => addresses.map((address) => address.replace(/_[0-9A-F]{8}$/, "")).sort();

  test("are replaced alone when their time has come: the key stays", async () => {
    const { changes } = await deployment.plan(certificates({ isDue: "server" }));
    expect(named(changes.replaced)).toEqual(["tls_locally_signed_cert.CA_Server"]);
  });

  test("are replaced alone when their validity is shortened", async () => {
    const { changes } = await deployment.plan(certificates({ server: { validityDays: 200 } }));
    expect(named(changes.replaced)).toEqual(["tls_locally_signed_cert.CA_Server"]);
  });

  test("are replaced with their request when a name is added", async () => {
    const { changes } = await deployment.plan(certificates({ server: { endpoint, dnsNames: ["new.example.com"] } }));
    expect(named(changes.replaced)).toEqual([
      "tls_cert_request.CA_Server_Request",
      "tls_locally_signed_cert.CA_Server",
    ]);
  });

  test("can be RSA", async () => {
    await deployment.apply(certificates({ server: { endpoint, keyAlgorithm: KeyAlgorithm.rsa() } }));
    await writeCertificates("-rsa");
    expect(await openssl("x509", "-in", "server-rsa.pem", "-noout", "-text")).toContain("Public-Key: (2048 bit)");
    expect(await verify("ca-rsa.pem", "server-rsa.pem", "-verify_hostname", HOST)).toContain("OK");
  });

  test("stay valid under the old and the new certificate of a renewed CA", async () => {
    await deployment.apply(certificates());
    await writeCertificates();
    await deployment.apply(certificates({ isDue: "CA" }));
    await writeCertificates("-renewed");
    expect(await openssl("x509", "-in", "ca-renewed.pem", "-noout", "-serial")).not.toBe(
      await openssl("x509", "-in", "ca.pem", "-noout", "-serial"),
    );
    for (const ca of ["ca.pem", "ca-renewed.pem"]) {
      for (const server of ["server.pem", "server-renewed.pem"]) {
        expect(await verify(ca, server, "-verify_hostname", HOST)).toContain("OK");
      }
    }
    await deployment.apply(certificates());
    await writeCertificates();
  });
});

describe("the folder for clients", () => {
  test("has files that everybody may read, and scripts that shellcheck finds no fault with", async () => {
    for (const folder of ["trust", "plain"]) {
      await execa("shellcheck", [file(`${folder}/install.sh`)]);
    }
    expect(fs.readFileSync(file("trust/ca.crt"), "utf8")).toBe(fs.readFileSync(file("ca.pem"), "utf8"));
    expect(fs.readFileSync(file(`trust/certs.d/${HOST}:5444/ca.crt`), "utf8")).toContain("BEGIN CERTIFICATE");
    // Terraform runs with the umask of the tests, which lets nobody else in.
    expect(fs.statSync(file("trust/install.sh")).mode & 0o700).toBe(0o700);
  });

  describe("on a clean Debian machine", () => {
    const machine = () => `${deployment.id}-clean`;
    const inside = (script: string) =>
      execa("docker", ["exec", machine(), "sh", "-c", script], { reject: false, all: true });
    /** All that an installation may touch: names, modes, owners, link targets and contents. */
    const fingerprint = async () => {
      const listing = "find /etc /usr/local /var/lib /root -printf '%y %m %u %p %l\\n' | sort";
      const contents = "find /etc /usr/local /var/lib /root -type f -exec sha256sum {} + | sort";
      return (await inside(`${listing}; ${contents}`)).stdout;
    };
    const everything = "--system --mirror --hosts 192.0.2.7";
    const isTrusted = async () =>
      (await inside("openssl verify -x509_strict -CApath /etc/ssl/certs /server.pem")).exitCode === 0;

    let untouched: string;

    beforeAll(async () => {
      if (!(await isInstalled("mmdebstrap"))) {
        await aptInstall(["mmdebstrap", "debian-archive-keyring"], "to make a clean Debian machine");
      }
      const packages = "ca-certificates,openssl,jq";
      const sources = await debianSources("trixie");
      await execa("mmdebstrap", ["--variant=essential", `--include=${packages}`, "trixie", file("os.tar"), ...sources]);
      await execa("docker", ["import", file("os.tar"), machine()]);
      fs.rmSync(file("os.tar"));
      await execa("docker", ["run", "--detach", "--network=none", "--name", machine(), machine(), "sleep", "3600"]);
      for (const name of ["trust", "plain", "server.pem"]) {
        await execa("docker", ["cp", file(name), `${machine()}:/${name}`]);
      }
      await inside(`mkdir /etc/docker && echo '{"log-driver":  "local"}' >/etc/docker/daemon.json`);
      untouched = await fingerprint();
    });
    afterAll(async () => {
      await execa("docker", ["rm", "--force", machine()], { reject: false });
      await execa("docker", ["image", "rm", "--force", machine()], { reject: false });
    });

    test("a dry run changes nothing", async () => {
      const { exitCode, stdout } = await inside(`sh /trust/install.sh ${everything} --dry-run`);
      expect(exitCode).toBe(0);
      expect(stdout.match(/^would write/gm)).toHaveLength(4);
      expect(await fingerprint()).toBe(untouched);
    });

    test("the script makes Docker and the whole machine trust the CA, and twice is the same as once", async () => {
      expect(await isTrusted()).toBe(false);
      const { exitCode, stdout } = await inside(`sh /trust/install.sh ${everything}`);
      expect(exitCode).toBe(0);
      expect(stdout).toContain(`docker login ${HOST}:5444`);
      expect(await isTrusted()).toBe(true);
      expect((await inside(`cat /etc/docker/certs.d/${HOST}:5444/ca.crt`)).stdout).toContain("BEGIN CERTIFICATE");
      expect(JSON.parse((await inside("cat /etc/docker/daemon.json")).stdout)).toEqual({
        "log-driver": "local",
        "registry-mirrors": [`https://${HOST}:5444`],
      });
      expect((await inside(`getent hosts ${HOST}`)).stdout).toMatch(/^192\.0\.2\.7 /);

      const once = await fingerprint();
      const second = await inside(`sh /trust/install.sh ${everything}`);
      expect(second.stdout.match(/^unchanged/gm)).toHaveLength(4);
      expect(await fingerprint()).toBe(once);
    });

    test("undo brings back every byte", async () => {
      expect((await inside("sh /trust/install.sh --undo")).exitCode).toBe(0);
      expect(await fingerprint()).toBe(untouched);
      expect(await isTrusted()).toBe(false);
    });

    test("a registry without TLS is added to Docker's settings, and taken out again", async () => {
      await inside("sh /plain/install.sh");
      expect(JSON.parse((await inside("cat /etc/docker/daemon.json")).stdout)).toEqual({
        "log-driver": "local",
        "insecure-registries": [`${HOST}:5080`],
      });
      await inside("sh /plain/install.sh --undo");
      expect(await fingerprint()).toBe(untouched);
    });

    test("who is not root is told what to do", async () => {
      await inside("chmod -R a+rX /trust");
      const asNobody = ["exec", "--user", "65534", machine(), "sh", "/trust/install.sh"];
      const { exitCode, all } = await execa("docker", asNobody, { reject: false, all: true });
      expect(exitCode).toBe(1);
      expect(all).toContain("Fix: sudo sh install.sh");
    });
  });
});
