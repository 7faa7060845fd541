import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import execa from "execa";
import { images } from "../../environments/images";
import { KeyAlgorithm, PublicEndpoint, TlsProfile } from "../../lib";
import { configFiles } from "../../testing/checks/config-files";
import { request } from "../../testing/clients/http";
import { handshake, servedCertificate } from "../../testing/clients/openssl";
import { HeldRequest, openConnection } from "../../testing/clients/raw-request";
import { Deployment } from "../../testing/machine/deployment";
import { inspect, processOf } from "../../testing/machine/engine-objects";
import { eventually } from "../../testing/machine/eventually";
import { freePorts } from "../../testing/machine/ports";
import { type TlsAdjustments, tlsRegistry } from "../../testing/stacks/tls-registry-stack";

const TLS13_SUITES = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];
const TLS12_SUITES = ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"];
const API_VERSION = "docker-distribution-api-version";
const blob = `/v2/team/app/blobs/sha256:${crypto.createHash("sha256").update("a layer").digest("hex")}`;
/** Requests of one address that are answered at a time. */
const LIMIT = 20;
const API = { [API_VERSION]: "registry/2.0" };

describe("TLS as Mozilla's guideline 6.0 has it", () => {
  let port: number;
  let redirectPort: number;
  let address: string;
  let deployment: Deployment;
  let ca: string;
  let firstPlan: string;

  const stack = ({ proxy, ...adjust }: TlsAdjustments = {}) =>
    tlsRegistry(PublicEndpoint.https({ host: "localhost", port }), {
      ...adjust,
      proxy: {
        httpRedirectPort: redirectPort,
        refuseOldClients: true,
        bodyLimitMiB: 1,
        connectionsPerAddress: LIMIT,
        // Whatever network of the engine this machine's clients come by.
        trustedProxies: ["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
        ...proxy,
      },
    });

  const ask = (target: string, options: Parameters<typeof request>[1] = {}) =>
    request(`https://localhost:${port}${target}`, { address: "127.0.0.1", ca, ...options });

  /** What `sslscan` sees that the server takes, as `kind version name`. */
  const scan = async () => {
    const { stdout } = await execa("sslscan", ["--xml=-", "--no-colour", "--sni-name=localhost", address]);
    const all = (pattern: RegExp) => [...stdout.matchAll(pattern)].map(([, ...groups]) => groups.join(" ")).sort();
    return {
      protocols: all(/<protocol type="(\w+)" version="([\d.]+)" enabled="1"/g),
      suites: all(/<cipher status="\w+" sslversion="([\w.]+)" bits="\d+" cipher="([^"]+)"/g),
      groups: all(/<group sslversion="(TLSv1\.3)" bits="\d+" name="([^"]+)"/g),
      heartbleed: all(/<heartbleed sslversion="([\w.]+)" vulnerable="1"/g),
    };
  };
  const tls13 = TLS13_SUITES.map((suite) => `TLSv1.3 ${suite}`);
  const tls12 = (key: string) => TLS12_SUITES.map((suite) => `TLSv1.2 ECDHE-${key}-${suite}`);
  const groups = ["secp256r1 (NIST P-256)", "secp384r1 (NIST P-384)", "x25519"].map((group) => `TLSv1.3 ${group}`);

  beforeAll(async () => {
    [port, redirectPort] = await freePorts(2);
    address = `127.0.0.1:${port}`;
    deployment = Deployment.of("tls", stack());
    firstPlan = (await deployment.plan()).text;
    await deployment.apply();
    ca = (await deployment.outputs()).ca_certificate as string;
    fs.writeFileSync(path.join(deployment.directory, "ca.crt"), ca);
  });
  afterAll(() => deployment?.cleanUp());

  const trusted = () => ["-CAfile", path.join(deployment.directory, "ca.crt"), "-verify_return_error"];

  describe("with the intermediate profile and an ECDSA key", () => {
    it("takes TLS 1.2 and 1.3 with the guideline's suites and groups, and nothing else", async () => {
      expect(await scan()).toEqual({
        protocols: ["tls 1.2", "tls 1.3"],
        suites: [...tls12("ECDSA"), ...tls13].sort(),
        groups,
        heartbleed: [],
      });
    });

    it("lets the client choose the suite", async () => {
      for (const suite of ["ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-GCM-SHA256"]) {
        const others = TLS12_SUITES.map((other) => `ECDHE-ECDSA-${other}`).filter((other) => other !== suite);
        const { output } = await handshake(address, ["-tls1_2", "-cipher", [suite, ...others].join(":")]);
        expect(output).toContain(`Cipher is ${suite}`);
      }
    });

    it.each([
      ["X25519", "X25519", "X25519:P-256"],
      ["P-256", "prime256v1", "P-256"],
      ["P-384", "secp384r1", "P-384:P-256"],
    ])("exchanges keys over %s, in both versions", async (group, name, withP256) => {
      expect(await handshake(address, ["-tls1_3", "-groups", group, ...trusted()])).toMatchObject({
        ok: true,
        output: expect.stringMatching(new RegExp(`Server Temp Key: .*${name},`)),
      });
      // In TLS 1.2 the list is for the certificate's key too (RFC 8422, section 5.1.1): P-256 must be in it.
      expect(await handshake(address, ["-tls1_2", "-groups", withP256, ...trusted()])).toMatchObject({
        ok: true,
        output: expect.stringMatching(new RegExp(`Server Temp Key: .*${name},`)),
      });
    });

    it.each(["P-521", "X448", "ffdhe2048"])("refuses %s", async (group) => {
      expect(await handshake(address, ["-tls1_3", "-groups", group])).toMatchObject({
        ok: false,
        output: expect.stringContaining("handshake failure"),
      });
    });

    // OpenSSL 3.0, which many machines still have, cannot do it: asked by the curl of nginx's own image.
    it("prefers the key exchange that withstands quantum computers", async () => {
      const curl = [
        "--verbose",
        "--silent",
        "--insecure",
        "--curves",
        "X25519MLKEM768:X25519",
        `https://${address}/v2/`,
      ];
      const image = ["--entrypoint=curl", images.nginx.reference];
      const { stderr } = await execa("docker", ["run", "--rm", "--network=host", ...image, ...curl]);
      expect(stderr).toMatch(/SSL connection using TLSv1\.3 .* X25519MLKEM768/);
    });

    it.each(["-tls1_2", "-tls1_3"])("resumes a session (%s)", async (version) => {
      const session = path.join(deployment.directory, `session${version}`);
      const get = "GET /v2/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      const args = [version, "-ign_eof", "-servername", "localhost", ...trusted()];
      const first = await handshake(address, [...args, "-sess_out", session], get);
      expect(first.output).toMatch(/^New, TLS/m);
      const second = await handshake(address, [...args, "-sess_in", session], get);
      expect(second.output).toMatch(/^Reused, TLS/m);
      expect(second.output).toContain("HTTP/1.1 200 OK");
    });

    it("does not renegotiate", async () => {
      const { output } = await handshake(address, ["-tls1_2"], "R\n");
      expect(output).toContain("RENEGOTIATING");
      expect(output).toContain("no renegotiation");
    });

    it("does not compress", async () => {
      const { output } = await handshake(address, ["-tls1_2", "-comp"]);
      expect(output).toContain("Compression: NONE");
    });
  });

  describe("answers", () => {
    it("without Strict-Transport-Security, which would count for every port of the host", async () => {
      expect((await ask("/v2/")).headers["strict-transport-security"]).toBeUndefined();
    });

    it("with https, host and port in the address of an upload, whatever a client forges", async () => {
      const { status, headers } = await ask("/v2/team/app/blobs/uploads/", {
        method: "POST",
        headers: { "X-Forwarded-Proto": "http", Forwarded: "proto=http;host=evil.example", "Content-Length": 0 },
      });
      expect(status).toBe(202);
      expect(headers.location).toMatch(new RegExp(`^https://localhost:${port}/v2/team/app/blobs/uploads/`));
    });

    it("with a blob, and the API version on it", async () => {
      const { headers } = await ask("/v2/team/app/blobs/uploads/", {
        method: "POST",
        headers: { "Content-Length": 0 },
      });
      const location = headers.location?.replace(`https://localhost:${port}`, "");
      const put = await ask(`${location}&digest=${path.basename(blob)}`, { method: "PUT", body: "a layer" });
      expect(put.status).toBe(201);
      expect(await ask(blob)).toMatchObject({ status: 200, headers: API, text: "a layer" });
    });

    it("with the API version once, where the registry sent it", async () => {
      expect(await ask("/v2/")).toMatchObject({ status: 200, headers: API });
    });

    it("with the API version on nginx's own errors", async () => {
      expect(await ask("/")).toMatchObject({ status: 404, headers: API });
      const tooLarge = { method: "POST", body: Buffer.alloc(2 * 1024 * 1024) };
      expect(await ask("/v2/team/app/blobs/uploads/", tooLarge)).toMatchObject({ status: 413, headers: API });
      const plain = await request(`http://${address}/v2/`);
      expect(plain).toMatchObject({
        status: 403,
        headers: API,
        text: expect.stringContaining("this port speaks HTTPS only"),
      });
    });

    it.each(["docker/1.5.0 go/go1.3.3", "docker/1.3.2", "docker/0.11.1 go/go1.2.1", "Go 1.1 package http"])(
      "%s with 404: it speaks another protocol",
      async (agent) => {
        expect(await ask("/v2/", { headers: { "User-Agent": agent } })).toMatchObject({ status: 404, headers: API });
      },
    );

    it.each(["docker/1.6.0 go/go1.4.2", "docker/1.10.3 go/go1.5.3", "docker/20.10.24", "Go-http-client/1.1", ""])(
      "%j as the registry does",
      async (agent) => {
        expect(await ask("/v2/", { headers: { "User-Agent": agent } })).toMatchObject({ status: 200 });
      },
    );
  });

  it("answers so many requests of an address at a time, and the next one with 429", async () => {
    const url = `https://localhost:${port}`;
    const start = ["POST /v2/team/app/blobs/uploads/ HTTP/1.1", "Host: localhost", "Content-Length: 1"];
    const hold = (count: number) => Promise.all(Array.from({ length: count }, () => HeldRequest.begin(url, ca, start)));
    // Connections without a request do not count.
    const idle = await Promise.all(Array.from({ length: 5 }, () => openConnection(url, ca)));
    const held = await hold(LIMIT);
    expect(held.filter((request) => request === undefined)).toEqual([]);
    const refused = await ask("/v2/");
    expect(refused).toMatchObject({ status: 429, headers: { "content-type": "application/json", ...API } });
    expect(JSON.parse(refused.text).errors[0]).toMatchObject({ code: "TOOMANYREQUESTS" });
    expect(await hold(3)).toEqual([undefined, undefined, undefined]);

    expect(await Promise.all(held.slice(1).map((request) => request?.finish()))).toEqual(Array(LIMIT - 1).fill(202));
    held[0]?.abandon();
    await eventually(async () => {
      const again = await hold(LIMIT);
      for (const request of again) {
        request?.abandon();
      }
      expect(again).not.toContain(undefined);
    }, 5000);
    await eventually(async () => expect((await ask("/v2/")).status).toBe(200), 5000);
    for (const connection of idle) {
      connection.destroy();
    }
  });

  it("counts the addresses of one IPv6 network as one", async () => {
    const from = (address: string) => ({ headers: { "X-Forwarded-For": address } });
    const held = await Promise.all(
      Array.from({ length: LIMIT }, (_, i) =>
        HeldRequest.begin(`https://localhost:${port}`, ca, [
          "POST /v2/team/app/blobs/uploads/ HTTP/1.1",
          "Host: localhost",
          "Content-Length: 1",
          `X-Forwarded-For: 2001:db8:1:1:${i + 1}::1`,
        ]),
      ),
    );
    expect(held).not.toContain(undefined);
    expect((await ask("/v2/", from("2001:db8:1:1::ffff"))).status).toBe(429);
    expect((await ask("/v2/", from("2001:db8:1:2::1"))).status).toBe(200);
    for (const request of held) {
      request?.abandon();
    }
    await eventually(async () => expect((await ask("/v2/", from("2001:db8:1:1::1"))).status).toBe(200), 5000);
  });

  describe("sends plain requests to HTTPS", () => {
    const plain = (target: string, method: string) =>
      request(`http://localhost:${redirectPort}${target}`, { address: "127.0.0.1", method });

    it.each(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])(
      "by 308, which keeps the method (%s)",
      async (method) => {
        const { status, headers } = await plain("/v2/team/app/blobs/uploads/?mount=a%2Fb&from=c", method);
        expect({ status, location: headers.location }).toEqual({
          status: 308,
          location: `https://localhost:${port}/v2/team/app/blobs/uploads/?mount=a%2Fb&from=c`,
        });
      },
    );

    it("of the endpoint, whatever host a client names", async () => {
      const forged = { address: "127.0.0.1", headers: { Host: "evil.example" } };
      const { headers } = await request(`http://localhost:${redirectPort}/v2/`, forged);
      expect(headers.location).toBe(`https://localhost:${port}/v2/`);
    });
  });

  describe("keeps every key where it is needed", () => {
    const PRIVATE = /PRIVATE KEY/;
    const names = async (kind: string) => (await deployment.leftovers()).filter((one) => one.kind === kind);

    it("readable for the service's user only", async () => {
      const [volume] = (await names("volume")).filter(({ name }) => name === `${deployment.id}-proxy-config`);
      expect(await configFiles(volume.name)).toEqual([
        "400 65532:65532 direct-pulls.js",
        "400 65532:65532 nginx.conf",
        "400 65532:65532 tls/groups.conf",
        "400 65532:65532 tls/server.crt",
        "400 65532:65532 tls/server.key",
      ]);
    });

    it("and the CA's nowhere but in the state", async () => {
      const volumes = (await names("volume")).flatMap(({ name }) => ["--volume", `${name}:/volumes/${name}:ro`]);
      const { stdout } = await execa("docker", [
        ...["run", "--rm", "--network=none", ...volumes, "--entrypoint=find", images.nginx.reference],
        ...["/volumes", "-type", "f", "-exec", "grep", "-l", "PRIVATE KEY", "{}", "+"],
      ]);
      expect(stdout).toMatch(new RegExp(`^/volumes/${deployment.id}-proxy-config/[0-9a-f]+/tls/server\\.key$`));
      expect(deployment.state()).toMatch(PRIVATE);
    });

    it("out of the synthesised configuration, the plan and the outputs", async () => {
      expect(deployment.configuration()).not.toMatch(PRIVATE);
      expect(firstPlan).toContain("tls_private_key");
      expect(firstPlan).not.toMatch(PRIVATE);
      expect(JSON.stringify(await deployment.outputs())).not.toMatch(PRIVATE);
    });

    it("out of what the engine tells of its containers, and of what they log", async () => {
      const containers = await names("container");
      expect(containers.length).toBe(4);
      for (const { name } of containers) {
        expect(JSON.stringify(await inspect(name))).not.toMatch(PRIVATE);
        const { all } = await execa("docker", ["logs", name], { all: true });
        expect(all).not.toMatch(PRIVATE);
      }
    });

    it("and in the writer's own layer no longer", async () => {
      const writer = `${deployment.id}-proxy-config-writer`;
      const { stdout } = await execa("docker", ["diff", writer]);
      expect(stdout).not.toContain("server.key");
      const copy = await execa("docker", ["cp", `${writer}:/staged`, "-"], { reject: false });
      expect(copy.exitCode).not.toBe(0);
    });
  });

  describe("changes without a restart", () => {
    let before: unknown;
    const change = async (adjustments: TlsAdjustments) => {
      const { replaced } = await deployment.apply(stack(adjustments));
      expect(replaced.filter((name) => name.startsWith("docker_container."))).toEqual([
        expect.stringMatching(/^docker_container\.Proxy_Config_Writer/),
      ]);
    };

    beforeAll(async () => {
      before = await processOf(`${deployment.id}-proxy`);
    });
    afterEach(async () => {
      expect(await processOf(`${deployment.id}-proxy`)).toEqual(before);
    });

    it("to the modern profile: TLS 1.3 only, and HSTS where it is asked for", async () => {
      await change({ proxy: { tlsProfile: TlsProfile.MODERN, hstsSeconds: 31536000 } });
      // A worker of before takes connections until it has heard that its time is over.
      await eventually(async () => {
        expect(await handshake(address, ["-tls1_2"])).toMatchObject({
          ok: false,
          output: expect.stringContaining("protocol version"),
        });
        expect(await scan()).toEqual({ protocols: ["tls 1.3"], suites: tls13, groups, heartbleed: [] });
      }, 10000);
      const hsts = { ...API, "strict-transport-security": "max-age=31536000" };
      expect(await ask("/v2/")).toMatchObject({ status: 200, headers: hsts });
      expect(await ask("/")).toMatchObject({ status: 404, headers: hsts });
      // nginx sends blobs by itself, from a location with headers of its own.
      expect(await ask(blob)).toMatchObject({ status: 200, headers: hsts, text: "a layer" });
    });

    it("to an RSA key, with its suites for older clients, and to groups of one's own", async () => {
      await change({
        server: { keyAlgorithm: KeyAlgorithm.rsa() },
        proxy: { keyExchangeGroups: ["X25519", "secp384r1"] },
      });
      await eventually(async () => {
        expect((await servedCertificate("127.0.0.1", port)).bits).toBe(2048);
        expect(await scan()).toEqual({
          protocols: ["tls 1.2", "tls 1.3"],
          suites: [...tls12("RSA"), ...tls13].sort(),
          groups: groups.filter((group) => !group.includes("P-256")),
          heartbleed: [],
        });
      }, 10000);
      expect(await handshake(address, ["-tls1_2", "-verify_hostname", "localhost", ...trusted()])).toMatchObject({
        ok: true,
        output: expect.stringContaining("Cipher is ECDHE-RSA-"),
      });
    });

    it("to the settled state: nothing is left to do", async () => {
      expect(await deployment.planIsEmpty()).toBe(true);
    });
  });
});
