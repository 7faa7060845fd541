import { Container } from "@cdktf/provider-docker/lib/container";
import { Image } from "@cdktf/provider-docker/lib/image";
import type { Construct } from "constructs";
import {
  ContainerImage,
  NginxProxy,
  type NginxProxyProps,
  PublicEndpoint,
  RegistryContainer,
  type RegistryContainerProps,
  type RegistryUpstream,
} from "../../../lib";
import { annotations, LEAST_RIGHTS, resources, reviewed, stackOf, synth } from "../synth";
import { ExistingRegistry } from "./existing-registry";

type Given = Partial<NginxProxyProps> & { upstream?: RegistryUpstream };

function proxy(scope: Construct, { upstream, ...props }: Given = {}): NginxProxy {
  return new NginxProxy(scope, "Proxy", {
    endpoint: PublicEndpoint.http({ host: "registry.example.com", port: 5080 }),
    registry: new ExistingRegistry(scope, upstream ?? { address: "unix:/run/registry/registry.sock" }),
    ...props,
  });
}

const withDefaults = synth((stack) => proxy(stack));

const synthProxy = (given?: Given) => (given ? synth((stack) => proxy(stack, given)) : withDefaults);
const container = (given?: Given) => resources(synthProxy(given), "docker_container").Proxy;

function nginxConf(given?: Given): string {
  const { upload } = resources(synthProxy(given), "docker_container").Proxy_Config_Writer;
  return upload.find(({ file }: { file: string }) => file === "/staged/nginx.conf").content;
}

describe("a proxy", () => {
  test("is nginx's stable branch in a container named after the stack and itself", () => {
    expect(synthProxy()).toHaveResourceWithProperties(Image, { name: "nginx:1.28", keep_locally: true });
    expect(container().name).toBe("local-proxy");
  });

  test("is published where its endpoint says", () => {
    expect(container().ports).toEqual([{ external: 5080, internal: 8080, ip: "127.0.0.1", protocol: "tcp" }]);
    const behindBalancer = PublicEndpoint.http({
      host: "registry.example.com",
      publishAddress: "192.0.2.1",
      publishPort: 8080,
    });
    expect(container({ endpoint: behindBalancer }).ports).toEqual([
      { external: 8080, internal: 8080, ip: "192.0.2.1", protocol: "tcp" },
    ]);
  });

  test("tells the address that clients use", () => {
    expect(proxy(stackOf()).url).toBe("http://registry.example.com:5080");
    expect(nginxConf()).toContain("server_name registry.example.com;");
  });

  test("has nothing that it does not need", () => {
    expect(container()).toMatchObject({
      ...LEAST_RIGHTS,
      restart: "unless-stopped",
      destroy_grace_seconds: 30,
      log_driver: "json-file",
    });
  });

  test("is not made anew when its configuration changes: it reloads", () => {
    expect(container().lifecycle).toBeUndefined();
    expect(container().command[0]).toContain('reload "$nginx"');
  });

  test("has its configuration tried by nginx before it is taken over", () => {
    const [script] = resources(synthProxy(), "docker_container").Proxy_Config_Writer.command;
    expect(script).toContain('nginx -t -q -c "$PWD/nginx.conf"');
  });

  test("shows nginx.conf in plans", () => {
    expect(reviewed(synthProxy(), "Proxy_Config")["nginx.conf"]).toBe(nginxConf());
  });

  test("is healthy when a request gets through to the registry and no configuration was refused", () => {
    const [, command] = container().healthcheck.test;
    expect(command).toMatch(/curl .*http:\/\/127\.0\.0\.1:8079\/"; else wget .*http:\/\/127\.0\.0\.1:8079\//);
    expect(command).toContain("! -e /config/refused");
    expect(nginxConf()).toContain("listen 127.0.0.1:8079;");
  });

  test("reaches its registry by a socket in a volume", () => {
    const mount = { volumeName: "socket", containerPath: "/run/registry", readOnly: true };
    const given = { upstream: { address: "unix:/run/registry/registry.sock", mounts: [mount] } };
    expect(nginxConf(given)).toContain("server unix:/run/registry/registry.sock max_fails=0;");
    expect(container(given).volumes).toContainEqual({
      volume_name: "socket",
      container_path: "/run/registry",
      read_only: true,
    });
    expect(container(given).networks_advanced).toHaveLength(1);
  });

  test("reaches its registry by a port in a network", () => {
    const given = { upstream: { address: "registry:5000", networkNames: ["internal"] } };
    expect(container(given).networks_advanced).toContainEqual({ name: "internal" });
  });

  test("takes limits of the user", () => {
    expect(nginxConf({ bodyLimitMiB: 1000 })).toContain("client_max_body_size 1000m;");
    expect(nginxConf({ upstreamTimeoutSeconds: 60 })).toContain("proxy_read_timeout 60s;");
    expect(nginxConf({ workerConnections: 51200 })).toContain("worker_connections 51200;");
  });

  test("takes directives of the user, with nginx's own variables", () => {
    expect(nginxConf({ extraServerDirectives: ['add_header X-Host "${host}";'] })).toContain(
      '        add_header X-Host "$${host}";\n',
    );
  });

  test("takes what users add: directives, files that no plan shows, volumes", () => {
    const auth = {
      bindToProxy: () => ({
        nginx: { registry: ["auth_basic_user_file users;"] },
        files: [{ path: "users", content: "admin:hash" }],
        mounts: [{ volumeName: "more", containerPath: "/more" }],
      }),
    };
    const synthesised = synthProxy({ auth });
    const { Proxy: nginx, Proxy_Config_Writer } = resources(synthesised, "docker_container");
    expect(nginxConf({ auth })).toContain("            auth_basic_user_file users;\n");
    expect(Proxy_Config_Writer.upload).toContainEqual({
      file: "/staged/users",
      content: "admin:hash",
      permissions: "0400",
    });
    expect(Object.keys(reviewed(synthesised, "Proxy_Config"))).toEqual(["nginx.conf"]);
    expect(nginx.volumes).toContainEqual({ volume_name: "more", container_path: "/more", read_only: false });
  });

  test("counts what is said of its users after it was made", () => {
    const added: string[] = [];
    const auth = {
      bindToProxy: () => ({
        nginx: {
          get registry() {
            return added;
          },
        },
      }),
    };
    const synthesised = synth((stack) => {
      proxy(stack, { auth });
      added.push("deny all;");
    });
    const [file] = resources(synthesised, "docker_container").Proxy_Config_Writer.upload;
    expect(file.content).toContain("deny all;");
  });

  test("warns about an image without a fixed version", () => {
    const stack = stackOf();
    proxy(stack, { image: ContainerImage.of("nginx") });
    expect(annotations(stack)).toContainEqual(expect.stringMatching(/^@cdktf\/warn: image nginx has no fixed version/));
  });

  test("can be overridden", () => {
    const synthesised = synth((stack) => proxy(stack).resource.addOverride("cpu_shares", 512));
    expect(synthesised).toHaveResourceWithProperties(Container, { name: "local-proxy", cpu_shares: 512 });
  });
});

describe("a proxy fails", () => {
  test.each([-1, 0.5, "1000m"])("when its body limit is %p", (bodyLimitMiB) => {
    expect(() => synthProxy({ bodyLimitMiB: bodyLimitMiB as number })).toThrow(
      `local/Proxy: bodyLimitMiB is ${JSON.stringify(bodyLimitMiB)}, expected a whole number from 0 to 1048576. Fix: write a number such as 0, without quotes.`,
    );
  });

  test.each([
    ["headerTimeoutSeconds", 0],
    ["bodyTimeoutSeconds", 86401],
    ["upstreamTimeoutSeconds", "900s"],
    ["keepaliveTimeoutSeconds", -1],
    ["workerConnections", 63],
    ["connectionsPerAddress", 0],
    ["connectionsPerLogin", 65536],
    ["memoryMiB", 1],
    ["stopGraceSeconds", 0],
  ])("when its %s is %p", (field, value) => {
    expect(() => synthProxy({ [field]: value })).toThrow(
      new RegExp(
        `^local/Proxy: ${field} is ${JSON.stringify(value)}, expected a whole number from \\d+ to \\d+\\. Fix`,
      ),
    );
  });

  test.each<[string, RegistryContainerProps]>([
    ["its prop", { pathPrefix: "/team/" }],
    ["an override", { configOverrides: { http: { prefix: "/team/" } } }],
  ])("when its registry serves below a path by %s, where no client asks", (_, props) => {
    expect(() =>
      synth((stack) => {
        proxy(stack, { registry: new RegistryContainer(stack, "Team", props) });
      }),
    ).toThrow(/^local\/Proxy: pathPrefix of local\/Team is "\/team\/", expected none, because clients ask for \/v2\//);
  });

  test.each(["https://a.example.com", "a.example.com:5000", "a.*.com", ""])(
    "when %p is one of its host names",
    (name) => {
      expect(() => synthProxy({ otherHostNames: ["b.example.com", name] })).toThrow(
        `local/Proxy: otherHostNames is ${JSON.stringify(name)}, expected host names without scheme and port`,
      );
    },
  );

  test("when its container's name has one character", () => {
    expect(() => synthProxy({ containerName: "p" })).toThrow(
      /^local\/Proxy: containerName is "p", expected at least two/,
    );
  });
});
