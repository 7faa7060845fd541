import type { TerraformStack } from "cdktf";
import {
  Certificate,
  type CertificateFromFolderProps,
  type CertificateFromVolumeProps,
  type IServerCertificate,
  NginxProxy,
  PublicEndpoint,
} from "../../../lib";
import { ExistingRegistry } from "../proxy/existing-registry";
import { resources, stackOf, synth } from "../synth";

const LIVE = "/etc/letsencrypt/live/registry.example.com";

const inFolder = (props: Partial<CertificateFromFolderProps>, stack: TerraformStack = stackOf()) =>
  Certificate.fromFolder(stack, "Certificate", { folder: LIVE, ...props });

const inVolume = (props: Partial<CertificateFromVolumeProps>, stack: TerraformStack = stackOf()) =>
  Certificate.fromVolume(stack, "Certificate", { volumeName: "certificates", ...props });

function containers(certificateOf: (stack: TerraformStack) => IServerCertificate) {
  const synthesised = synth((stack) => {
    new NginxProxy(stack, "Proxy", {
      endpoint: PublicEndpoint.https({ host: "registry.example.com" }),
      registry: new ExistingRegistry(stack, { address: "unix:/run/registry/registry.sock" }),
      certificate: certificateOf(stack),
    });
  });
  return resources(synthesised, "docker_container");
}

describe("a certificate that somebody else renews", () => {
  test.each([
    ["etc/letsencrypt", "no absolute path"],
    ["./certificates", "no absolute path"],
    ["/", "the root"],
    ["/etc/../root", "a way up"],
    ["", "nothing"],
  ])("fails in the folder %p: %s", (folder) => {
    expect(() => inFolder({ folder })).toThrow(
      /local\/Certificate: folder is ".*", expected an absolute path on the engine's machine.*Fix: write it like "\/etc/s,
    );
  });

  test.each(["/etc/privkey.pem", "../privkey.pem", "a/../../b", "", "keys/"])("fails with the file %p", (keyFile) => {
    expect(() => inFolder({ keyFile })).toThrow(/keyFile is .*, expected the path of a file below the folder/);
    expect(() => inVolume({ certificateFile: keyFile })).toThrow(
      /certificateFile is .*Fix: write it like "fullchain.pem"/s,
    );
  });

  test("fails when certificate and key are one file", () => {
    expect(() => inFolder({ certificateFile: "server.pem", keyFile: "server.pem" })).toThrow(
      /keyFile is "server.pem", expected another file than certificateFile/,
    );
  });

  test("fails in a volume whose name is none", () => {
    expect(() => inVolume({ volumeName: "/etc/letsencrypt" })).toThrow(/volumeName is "\/etc\/letsencrypt"/);
  });

  test("fails at an endpoint of plain HTTP", () => {
    const endpoint = PublicEndpoint.http({ host: "localhost" });
    expect(() =>
      synth((stack) => {
        const registry = new ExistingRegistry(stack, { address: "unix:/run/registry/registry.sock" });
        new NginxProxy(stack, "Proxy", { endpoint, registry, certificate: inFolder({}, stack) });
      }),
    ).toThrow(/certificate is "a certificate", expected nothing, because the endpoint/);
  });
});

describe("the container that follows a certificate", () => {
  const follower = (stack: (stack: TerraformStack) => IServerCertificate) => containers(stack).Proxy_Certificate;

  test("may read every file and change the owner of its copies, and has no network", () => {
    expect(follower((stack) => inFolder({}, stack))).toMatchObject({
      name: "local-proxy-certificate",
      user: "0:0",
      read_only: true,
      capabilities: { drop: ["ALL"], add: ["CAP_CHOWN", "CAP_DAC_READ_SEARCH"] },
      security_opts: ["no-new-privileges:true"],
      network_mode: "none",
    });
  });

  test.each<[string, CertificateFromFolderProps, string, string[]]>([
    [
      "certbot's folder from above, for its links",
      { folder: `${LIVE}/` },
      "/etc/letsencrypt",
      ["live/registry.example.com/fullchain.pem", "live/registry.example.com/privkey.pem"],
    ],
    [
      "another folder as it is",
      { folder: "/var/lib/lego", certificateFile: "r.crt", keyFile: "r.key" },
      "/var/lib/lego",
      ["r.crt", "r.key"],
    ],
  ])("has %s, for reading only, and never makes it", (_, props, source, [certificateFile, keyFile]) => {
    const { mounts, volumes, env } = follower((stack) => inFolder(props, stack));
    expect(mounts).toEqual([{ type: "bind", source, target: "/source", read_only: true }]);
    expect(volumes).toHaveLength(1);
    expect(env).toEqual(
      expect.arrayContaining([
        `CERTIFICATE_FILE=${certificateFile}`,
        `KEY_FILE=${keyFile}`,
        "HOST=registry.example.com",
      ]),
    );
  });

  test("has a volume that is mounted for reading only", () => {
    const { mounts, volumes } = follower((stack) => inVolume({}, stack));
    expect(mounts).toBeUndefined();
    expect(volumes).toContainEqual({ volume_name: "certificates", container_path: "/source", read_only: true });
  });

  test("gives the proxy nothing but its copies, for reading", () => {
    const { Proxy: proxy, Proxy_Config_Writer } = containers((stack) => inFolder({}, stack));
    expect(proxy.mounts).toBeUndefined();
    const copies = expect.objectContaining({ container_path: "/certificates", read_only: true });
    expect(proxy.volumes).toContainEqual(copies);
    expect(proxy.depends_on).toContainEqual(expect.stringMatching(/^docker_container.Proxy_Certificate_\w+$/));
    const files = Proxy_Config_Writer.upload.map(({ file }: { file: string }) => file);
    expect(files).not.toContain("/staged/tls/server.key");
    const conf = Proxy_Config_Writer.upload.find(({ file }: { file: string }) => file === "/staged/nginx.conf").content;
    expect(conf).toContain("ssl_certificate /certificates/current/server.crt;");
    expect(conf).toContain("ssl_certificate_key /certificates/current/server.key;");
  });

  test("is not there for a certificate that Terraform knows, and leaves its proxy as it was", () => {
    const { Proxy: proxy } = containers((stack) => inFolder({}, stack));
    expect(proxy.command[0]).toContain("follow_certificate");
    const plain = resources(
      synth((stack) => {
        const endpoint = PublicEndpoint.http({ host: "localhost" });
        const registry = new ExistingRegistry(stack, { address: "unix:/run/registry/registry.sock" });
        new NginxProxy(stack, "Proxy", { endpoint, registry });
      }),
      "docker_container",
    );
    expect(Object.keys(plain)).not.toContain("Proxy_Certificate");
    expect(plain.Proxy.command[0]).not.toContain("follow_certificate");
  });
});
