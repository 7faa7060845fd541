import { TerraformVariable, Testing } from "cdktf";
import { parse } from "yaml";
import {
  Access,
  HtpasswdAuth,
  HtpasswdUser,
  MirrorContainer,
  type MirrorContainerProps,
  type MirrorUpstream,
  NginxProxy,
  PublicEndpoint,
  RegistryImage,
} from "../../../lib";
import { annotations, resources, secret, stackOf, synth } from "../synth";

const url = "https://registry.example.com";
const synthMirror = (props: Partial<MirrorContainerProps> = {}) =>
  synth((stack) => new MirrorContainer(stack, "Mirror", { upstream: { url }, ...props }));

function config(props?: Partial<MirrorContainerProps>) {
  const { upload } = resources(synthMirror(props), "docker_container").Mirror_Config_Writer;
  return parse(upload.find(({ file }: { file: string }) => file.endsWith("config.yml")).content);
}

describe("a mirror", () => {
  test("copies from its upstream and forgets after a week", () => {
    expect(config().proxy).toMatchObject({ remoteurl: url, ttl: "168h" });
    expect(config({ upstream: { url, ttlHours: 0 } }).proxy.ttl).toBe("0h");
  });

  test("may delete its own copies", () => {
    expect(config().storage.delete).toEqual({ enabled: true });
  });

  test("has a way out to its upstream", () => {
    const { Mirror } = resources(synthMirror(), "docker_container");
    expect(Mirror.networks_advanced).toHaveLength(1);
    const joined = resources(synthMirror({ upstream: { url, networkNames: ["local-proxy"] } }), "docker_container");
    expect(joined.Mirror.networks_advanced).toEqual([{ name: "local-proxy" }]);
  });

  test("logs in by a program, so that it starts while its upstream is down", () => {
    const synthesised = synth((stack) => {
      const password = new TerraformVariable(stack, "password", { sensitive: true }).stringValue;
      new MirrorContainer(stack, "Mirror", { upstream: { url, user: "reader", password } });
    });
    const { upload } = resources(synthesised, "docker_container").Mirror_Config_Writer;
    const content = Object.fromEntries(
      upload.map((file: { file: string; content: string }) => [file.file, file.content]),
    );
    expect(parse(content["/staged/config.yml"]).proxy.exec).toEqual({ command: "/config/current/bin/upstream-login" });
    expect(content["/staged/upstream-login.json"]).toContain('"Secret" = var.password');
    expect(JSON.stringify(resources(synthesised, "terraform_data").Mirror_Config_Review)).not.toContain("var.password");
  });

  test("of version 2 has its login in its configuration", () => {
    const { proxy } = config({ image: RegistryImage.V2, upstream: { url, user: "u", password: secret("password") } });
    expect(proxy).toEqual({ remoteurl: url, username: "u", password: expect.stringContaining("the password") });
  });

  test("of version 2 is warned about: it needs its upstream at its start, and a token server for its login", () => {
    const warnings = (props: Partial<MirrorContainerProps>) => {
      const stack = stackOf();
      new MirrorContainer(stack, "Mirror", { upstream: { url }, ...props });
      return annotations(stack);
    };
    const start = expect.stringMatching(/^@cdktf\/warn: version 2 .* does not start while the upstream is down\. Fix/);
    const login = expect.stringMatching(/^@cdktf\/warn: version 2 logs in at token servers only.*Fix/);
    const upstream = { url, user: "u", password: secret("password") };
    expect(warnings({ image: RegistryImage.V2 })).toEqual([start]);
    expect(warnings({ image: RegistryImage.V2, upstream })).toEqual([start, login]);
    expect(warnings({ upstream })).toEqual([]);
  });

  test("is warned about when its password goes in clear", () => {
    const warnings = (upstream: MirrorUpstream) => {
      const stack = stackOf();
      new MirrorContainer(stack, "Mirror", { upstream });
      return annotations(stack);
    };
    const clear = "http://registry.example.com";
    const password = secret("password");
    expect(warnings({ url: clear, user: "u", password })).toEqual([
      expect.stringMatching(
        /^@cdktf\/warn: upstream\.password goes in clear to http:\/\/registry\.example\.com.*https/,
      ),
    ]);
    expect(warnings({ url: clear })).toEqual([]);
    expect(warnings({ url, user: "u", password })).toEqual([]);
  });

  test("trusts the CA of its upstream", () => {
    const { Mirror } = resources(
      synthMirror({ upstream: { url, caCertificatePem: "-----BEGIN CERTIFICATE-----" } }),
      "docker_container",
    );
    expect(Mirror.env).toContain("SSL_CERT_DIR=/etc/ssl/certs:/config/current/trust");
  });
});

describe("a mirror fails when", () => {
  test.each<[string, Partial<MirrorContainerProps>, RegExp]>([
    [
      "clients are to delete",
      { deleteEnabled: true },
      /deleteEnabled is true, expected nothing, because a mirror has only copies/,
    ],
    [
      "its upstream has no scheme",
      { upstream: { url: "registry.example.com" } },
      /upstream\.url is "registry\.example\.com"/,
    ],
    ["a user has no password", { upstream: { url, user: "u" } }, /upstream\.password is not set/],
    ["the time to live is negative", { upstream: { url, ttlHours: -1 } }, /upstream\.ttlHours is -1/],
    [
      "version 2 is to forget",
      { image: RegistryImage.V2, upstream: { url, ttlHours: 1 } },
      /ttlHours .* only version 3 knows/,
    ],
  ])("%s", (_, props, message) => {
    expect(() => new MirrorContainer(stackOf(), "Mirror", { upstream: { url }, ...props })).toThrow(message);
  });

  test.each(["proxy", "registry"])("a user at the %s may push", (place) => {
    const stack = stackOf();
    const auth = new HtpasswdAuth(stack, "Users", { users: [HtpasswdUser.generated("dev", { access: Access.PUSH })] });
    const atRegistry = place === "registry" ? { auth } : {};
    const registry = new MirrorContainer(stack, "Mirror", { upstream: { url }, ...atRegistry });
    new NginxProxy(stack, "Proxy", {
      endpoint: PublicEndpoint.http({ host: "localhost", port: 5000 }),
      registry,
      ...(place === "proxy" ? { auth } : {}),
    });
    expect(() => Testing.synth(stack, true)).toThrow(/takes no pushes, and "dev" is a user who may push/);
  });
});
