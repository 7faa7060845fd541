import {
  AccessLog,
  AuditLog,
  type AuditLogVolumeProps,
  NginxProxy,
  type NginxProxyProps,
  PublicEndpoint,
} from "../../../lib";
import { resources, reviewed, synth } from "../synth";
import { ExistingRegistry } from "./existing-registry";

const synthProxy = (props: Partial<NginxProxyProps>) =>
  synth((stack) => {
    const endpoint = PublicEndpoint.http({ host: "localhost", port: 5000 });
    const registry = new ExistingRegistry(stack, { address: "registry:5000" });
    new NginxProxy(stack, "Proxy", { endpoint, registry, ...props });
  });
const files = (props: Partial<NginxProxyProps>) => reviewed(synthProxy(props), "Proxy_Config");

describe("an audit", () => {
  test("goes to the log driver line by line", () => {
    expect(files({ auditLog: AuditLog.toLogDriver() })["nginx.conf"]).toContain(
      "access_log /dev/stdout audit if=$audit;\n",
    );
  });

  test("goes to a volume and is rotated, beside an access log that is too", () => {
    const text = synthProxy({ auditLog: AuditLog.toVolume(), accessLog: AccessLog.toVolume() });
    const all = reviewed(text, "Proxy_Config");
    expect(all["nginx.conf"]).toContain("access_log /audit/audit.log audit if=$audit;\n");
    expect(all["nginx.conf"]).toContain("access_log /logs/access.log registry;\n");
    const rotation = all["bin/rotate-logs"];
    expect(rotation).toMatch(/^#!\/bin\/sh\n\(\n.*\/logs\/access.log.*\)\n\(\n.*\/audit\/audit.log.*\)\n$/s);
    expect(Object.values(resources(text, "docker_volume")).map(({ name }) => name)).toContain("local-proxy-audit-log");
  });

  test("is written where nothing else is", () => {
    const conf = files({ auditLog: AuditLog.toVolume({ volumeName: "audit" }), accessLog: AccessLog.none() })[
      "nginx.conf"
    ];
    expect(conf.slice(0, conf.indexOf("server {"))).not.toContain("access_log off;");
  });

  test.each<AuditLogVolumeProps>([{ maxFiles: 1 }, { maxFiles: 2.5 }, { maxSizeMiB: 0 }, { maxSizeMiB: 20_000 }])(
    "has limits that can be: %p",
    (props) => {
      expect(() => AuditLog.toVolume(props)).toThrow(/AuditLog.toVolume: \w+ is .*expected a whole number/);
    },
  );
});

describe("balancers in front", () => {
  test("are believed for the client's address, and nobody else is", () => {
    const conf = files({ trustedProxies: ["10.0.0.1", "10.1.0.0/16", "fd00::/8"] })["nginx.conf"];
    const lines = ["set_real_ip_from 10.0.0.1;", "set_real_ip_from 10.1.0.0/16;", "set_real_ip_from fd00::/8;"];
    for (const line of [...lines, "real_ip_header X-Forwarded-For;", "real_ip_recursive on;"]) {
      expect(conf).toContain(`        ${line}\n`);
    }
    expect(files({})["nginx.conf"]).not.toContain("real_ip");
  });

  test.each(["", "balancer", "10.0.0", "10.0.0.0/33", "0.0.0.0/0", "::/0", "10.0.0.1;", "10.0.0.1/", "unix:"])(
    "are addresses, and not all of them: %p",
    (address) => {
      expect(() => synthProxy({ trustedProxies: [address] })).toThrow(/trustedProxies is .*expected addresses/);
    },
  );
});
